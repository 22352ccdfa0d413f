"""The fields of a request for a video, which every provider of Wan models names alike."""

import json

from bot.domain.models.model import MODELS, Model, Options
from bot.domain.task import Request
from bot.errors import RequestRejected


def model_of(request: Request) -> Model:
    """Return the model that a request names.

    Raises:
        RequestRejected: this program does not know the model.
    """
    model = MODELS.get(request.model)
    if model is None:
        raise RequestRejected(f"the model {request.model!r} is not known here")
    return model


def input_before_picture(request: Request) -> str:
    """Return the object ``input`` up to the picture's base64."""
    options = request.options
    fields = {"prompt": options.prompt}
    if options.negative_prompt is not None:
        fields["negative_prompt"] = options.negative_prompt
    mime = as_json(request.frame.mime)[1:-1]
    return f'{as_json(fields)[:-1]},"img_url":"data:{mime};base64,'


def parameters(options: Options, model: Model) -> str:
    """Return the object ``parameters``, without what the model does not take."""
    values = {
        "prompt_extend": (options.prompt_extend, model.takes_prompt_extend),
        "watermark": (options.watermark, model.takes_watermark),
        "seed": (options.seed, model.takes_seed),
        "audio": (options.audio, model.takes_audio),
    }
    taken = {name: value for name, (value, is_taken) in values.items() if is_taken}
    return as_json({"resolution": options.resolution, "duration": options.seconds, **taken})


def as_json(value: object) -> str:
    """Encode as pure ASCII, so that even a lone surrogate in a prompt can be sent."""
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))


def written(request: Request) -> str:
    """Return the person's own words, which a provider may repeat in its messages."""
    return f"{request.options.prompt}\n{request.options.negative_prompt or ''}"
