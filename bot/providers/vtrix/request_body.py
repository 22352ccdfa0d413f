"""The two forms of the gateway's create call, around the picture."""

from enum import StrEnum

from bot.domain.task import Request
from bot.providers.request_fields import as_json, input_before_picture, model_of, parameters


class Style(StrEnum):
    """The two envelopes that the gateway is known to accept."""

    DOCUMENTED = "documented"
    WRAPPED = "wrapped"

    @property
    def other(self) -> "Style":
        """The other style."""
        return Style.WRAPPED if self is Style.DOCUMENTED else Style.DOCUMENTED


def around_picture(request: Request, style: Style) -> tuple[bytes, bytes]:
    """Return the text before and after the picture's base64. Equal requests give equal bytes.

    Raises:
        RequestRejected: the request names a model that this program does not know.
    """
    model = model_of(request)
    wire_id = as_json(model.wire_id)
    before = f'"input":{input_before_picture(request)}'
    after = f'"}},"parameters":{parameters(request.options, model)}'
    if style is Style.DOCUMENTED:
        text = f'{{"model":{wire_id},{before}', f"{after}}}"
    else:
        text = f'{{"model":{wire_id},"input":[{{"params":{{{before}', f"{after}}}}}]}}"
    return text[0].encode("ascii"), text[1].encode("ascii")
