"""The video models: what each accepts, and its prices. These numbers are nowhere else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from unicodedata import category

from bot.domain.money import Usd
from bot.errors import ModelGone, OptionRefused


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureRules:
    """The rules for a model's first frames."""

    side_min: int
    """Smallest width and height of the first frame, in pixels."""
    side_max: int
    picture_bytes: int
    """Largest first frame, in bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model(PictureRules):
    """A model of the provider, with its limits in the units of the provider's reference."""

    id: str
    prompt_chars: int
    negative_prompt_chars: int
    prices: Mapping[str, Usd] = field(hash=False)
    """The estimated price by resolution, until the provider has charged for a video."""
    default_resolution: str
    seconds: int
    """Length of the video, which the model determines."""
    seed_max: int
    usual_seconds: int
    """How long a video usually takes, in seconds, for texts."""

    @property
    def resolutions(self) -> tuple[str, ...]:
        """The resolutions to choose from; each has a price."""
        return tuple(self.prices)


# Source: the provider's API reference. Its "10 MB" is taken as 10,000,000 bytes, the smaller of
# two readings. `prices` and `usual_seconds` are guesses; charges replace the former.
WAN22_I2V_FLASH = Model(
    id="wan22_i2v_flash",
    prompt_chars=800,
    negative_prompt_chars=500,
    side_min=360,
    side_max=2000,
    picture_bytes=10_000_000,
    prices={"480P": Usd.parse("0.10"), "720P": Usd.parse("0.20")},
    default_resolution="720P",
    seconds=5,
    seed_max=2_147_483_647,
    usual_seconds=90,
)

MODELS = {model.id: model for model in (WAN22_I2V_FLASH,)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Models:
    """The model of new videos, and all models that a task can name."""

    default: Model
    known: Mapping[str, Model] = field(default_factory=lambda: MODELS, hash=False)

    def of(self, id: str) -> Model:
        """The model with this id.

        Raises:
            ModelGone: there is no such model any more.
        """
        model = self.known.get(id)
        if model is None:
            raise ModelGone(id)
        return model

    def shown(self, id: str) -> Model:
        """The model to show for a task; the default one if the task's is gone."""
        return self.known.get(id, self.default)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of a request for a video, besides the picture."""

    prompt: str
    resolution: str
    seed: int
    negative_prompt: str | None = None
    prompt_extend: bool = True
    watermark: bool = False
    spoiler: bool = False


def check_options(options: Options, model: Model) -> Options:
    """Check options against a model; return them without control characters and outer spaces.

    Raises:
        OptionRefused: an option is not allowed; the error has what was given and what is allowed.
    """
    prompt = _text(options.prompt)
    negative = _text(options.negative_prompt or "") or None
    _check_length("prompt", prompt, 1, model.prompt_chars)
    _check_length("negative_prompt", negative or "", 0, model.negative_prompt_chars)
    if options.resolution not in model.resolutions:
        raise OptionRefused("resolution", given=options.resolution, allowed=model.resolutions)
    if not 0 <= options.seed <= model.seed_max:
        raise OptionRefused("seed", given=options.seed, allowed=(0, model.seed_max))
    return Options(
        prompt=prompt,
        negative_prompt=negative,
        resolution=options.resolution,
        seed=options.seed,
        prompt_extend=options.prompt_extend,
        watermark=options.watermark,
        spoiler=options.spoiler,
    )


def _text(written: str) -> str:
    """Remove control characters and lone surrogates, which PostgreSQL and JSON do not accept."""
    kept = (one for one in written if one in "\n\t" or category(one) not in ("Cc", "Cs"))
    return "".join(kept).strip()


def _check_length(name: str, text: str, least: int, most: int) -> None:
    if not least <= len(text) <= most:
        raise OptionRefused(name, given=len(text), allowed=(least, most))
