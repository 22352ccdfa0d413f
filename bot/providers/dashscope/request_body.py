"""The create call around the picture."""

from bot.domain.task import Request
from bot.providers.request_fields import as_json, input_before_picture, model_of, parameters


def around_picture(request: Request) -> tuple[bytes, bytes]:
    """Return the text before and after the picture's base64. Equal requests give equal bytes.

    Raises:
        RequestRejected: the request names a model that this program does not know.
    """
    model = model_of(request)
    before = f'{{"model":{as_json(model.wire_id)},"input":{input_before_picture(request)}'
    after = f'"}},"parameters":{parameters(request.options, model)}}}'
    return before.encode("ascii"), after.encode("ascii")
