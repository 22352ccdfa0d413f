"""The video models: what each accepts. These numbers are nowhere else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from bot.errors import ModelGone, OptionRefused

VTRIX = "vtrix"
DASHSCOPE = "dashscope"


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureRules:
    """The rules for a model's first frames."""

    side_min: int
    """Smallest width and height of the first frame, in pixels."""
    side_max: int
    picture_bytes: int
    """Largest first frame, in bytes."""

    def allow(self, width: int, height: int, bytes_: int) -> bool:
        """Whether a first frame of this size fits as it is."""
        sides = (width, height)
        fits = self.side_min <= min(sides) and max(sides) <= self.side_max
        return fits and bytes_ <= self.picture_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Model(PictureRules):
    """A model of a provider, with its limits in the units of the provider's reference."""

    id: str
    """The name that people, settings and the database use."""
    provider: str
    """The provider's name: its folder in ``bot/providers``."""
    wire_id: str
    """The name that the provider uses."""
    label: str
    """The name to show."""
    prompt_chars: int
    negative_prompt_chars: int
    """0: the model takes no negative prompt."""
    resolutions: tuple[str, ...]
    default_resolution: str
    durations: tuple[int, ...]
    """The lengths to choose from, in seconds, the shortest first."""
    default_seconds: int
    seed_max: int
    takes_seed: bool = True
    takes_prompt_extend: bool = True
    takes_watermark: bool = True
    takes_audio: bool = False
    """Whether it can make videos with sound; each request says whether it should."""
    reports_cost: bool = True
    """Whether the provider says what it charged; if not, the price list is booked."""
    cancels: bool = False
    """Whether the provider cancels a task as long as it has not begun with it."""
    submits_per_second: int | None = None
    """The most create calls a second for one account; ``None``: not known."""
    concurrent: int | None = None
    """The most tasks at once for one account; ``None``: not known."""
    usual_seconds: int
    """How long a video usually takes to make, in seconds, for texts."""

    def kinds(self) -> "Sequence[VideoKind]":
        """Every kind of video that can be asked for."""
        sounds = (False, True) if self.takes_audio else (False,)
        return [
            VideoKind(self.id, resolution, seconds, audio)
            for resolution in self.resolutions
            for seconds in self.durations
            for audio in sounds
        ]


class VideoKind(NamedTuple):
    """A kind of video, which its price depends on. Videos of one kind take about equally long."""

    model: str
    resolution: str
    seconds: int
    audio: bool = False


# Sources. V: the owner's reference of the Vtrix API. It also gives the picture rules, and its
# "10 MB" is taken as 10,000,000 bytes, the smaller of two readings. `usual_seconds` is a guess.
WAN22_I2V_FLASH = Model(
    id="wan22_i2v_flash",
    provider=VTRIX,
    wire_id="wan22_i2v_flash",
    label="Wan 2.2 flash",
    prompt_chars=800,
    negative_prompt_chars=500,
    side_min=360,
    side_max=2000,
    picture_bytes=10_000_000,
    resolutions=("480P", "720P"),
    default_resolution="720P",
    durations=(5,),
    default_seconds=5,
    seed_max=2_147_483_647,
    usual_seconds=90,
)

# Sources for the models at DashScope. A: the page "image-to-video API reference" of Alibaba Model
# Studio, in English and Chinese, of September 2025 to October 2026: resolutions, lengths, sound,
# and "typically 1 to 5 minutes". B: other gateways' references of the same models (Novita, GMI,
# EvoLink, ModelStream): prompts, negative prompts, pictures, seeds. Where they differ, the smaller
# number is taken: prompts of Wan 2.5 and 2.6 may have 1,500 characters in most of them and 2,000 in
# others; sides of pictures for Wan 2.6 flash 360 to 2,000 pixels or 240 to 8,000. The default
# resolution is the bot's own choice, since the resolution is always sent: 720P where there is one.
# The limits of an account are from Model Studio's page about rate limits.
WAN22_I2V_FLASH_DASHSCOPE = replace(
    WAN22_I2V_FLASH,
    id="wan2.2-i2v-flash",
    provider=DASHSCOPE,
    wire_id="wan2.2-i2v-flash",
    label="Wan 2.2 flash (Alibaba)",
    resolutions=("480P", "720P", "1080P"),
    reports_cost=False,
    cancels=True,
    submits_per_second=2,
    concurrent=2,
    usual_seconds=180,
)
WAN22_I2V_PLUS = replace(
    WAN22_I2V_FLASH_DASHSCOPE,
    id="wan2.2-i2v-plus",
    wire_id="wan2.2-i2v-plus",
    label="Wan 2.2 plus",
    resolutions=("480P", "1080P"),
    default_resolution="1080P",
)
WAN25_I2V_PREVIEW = replace(
    WAN22_I2V_FLASH_DASHSCOPE,
    id="wan2.5-i2v-preview",
    wire_id="wan2.5-i2v-preview",
    label="Wan 2.5 preview (Alibaba)",
    prompt_chars=1500,
    durations=(5, 10),
    takes_audio=True,
    submits_per_second=5,
    concurrent=5,
)
WAN26_I2V_FLASH = replace(
    WAN25_I2V_PREVIEW,
    id="wan2.6-i2v-flash",
    wire_id="wan2.6-i2v-flash",
    label="Wan 2.6 flash",
    resolutions=("720P", "1080P"),
    durations=tuple(range(2, 16)),
)

# Sources: doc.vtrix.ai, page "wan25-i2v-preview-intl", for resolutions, lengths and seed. That page
# is about `wan25_i2v_preview_intl`, the model of the international region; none about this id was
# found. It gives no length of prompts and no rules for pictures, and passes everything on to
# DashScope, so those of the same model there are taken. The switch for sound is not on the page
# either: it is DashScope's, which makes sound unless it is told not to.
WAN25_I2V_PREVIEW_VTRIX = replace(
    WAN25_I2V_PREVIEW,
    id="wan25_i2v_preview",
    provider=VTRIX,
    wire_id="wan25_i2v_preview",
    label="Wan 2.5 preview",
    resolutions=("720P", "1080P"),
    reports_cost=True,
    cancels=False,
    submits_per_second=None,
    concurrent=None,
)

MODELS = {
    model.id: model
    for model in (
        WAN22_I2V_FLASH,
        WAN25_I2V_PREVIEW_VTRIX,
        WAN22_I2V_FLASH_DASHSCOPE,
        WAN22_I2V_PLUS,
        WAN25_I2V_PREVIEW,
        WAN26_I2V_FLASH,
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Models:
    """The models of new videos, and all models that a task can name."""

    default: Model
    others: tuple[Model, ...] = ()
    """The other models that people may choose."""
    known: Mapping[str, Model] = field(default_factory=lambda: MODELS, hash=False)

    @property
    def offered(self) -> tuple[Model, ...]:
        """The models that people may choose, the default one first."""
        return (self.default, *self.others)

    @property
    def are_several(self) -> bool:
        """Whether people can choose between models."""
        return bool(self.others)

    @property
    def resolutions(self) -> tuple[str, ...]:
        """The resolutions that some offered model takes, the lowest first."""
        found = {one for model in self.offered for one in model.resolutions}
        return tuple(sorted(found, key=lambda one: (len(one), one)))

    @property
    def durations(self) -> tuple[int, ...]:
        """The lengths that some offered model takes, in seconds, the shortest first."""
        return tuple(sorted({one for model in self.offered for one in model.durations}))

    @property
    def take_audio(self) -> bool:
        """Whether some offered model can make sound."""
        return any(model.takes_audio for model in self.offered)

    @property
    def has_kinds(self) -> bool:
        """Whether videos differ in more than their resolution: in model, length or sound."""
        return self.are_several or len(self.durations) > 1 or self.take_audio

    @property
    def kinds(self) -> "Sequence[VideoKind]":
        """Every kind of video that can be asked for."""
        return [kind for model in self.offered for kind in model.kinds()]

    def of(self, id: str) -> Model:
        """The offered model with this id.

        Raises:
            ModelGone: there is no such model, or it is not offered any more.
        """
        model = next((one for one in self.offered if one.id == id), None)
        if model is None:
            raise ModelGone(id)
        return model

    def refused(self, id: str) -> OptionRefused:
        """The error for somebody who chose a model that is not offered."""
        given = self.known[id].label if id in self.known else id
        return OptionRefused("model", given=given, allowed=[one.label for one in self.offered])

    def shown(self, id: str) -> Model:
        """The model to show for a task; the default one if the task's is gone."""
        return self.known.get(id, self.default)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of a request for a video, besides the picture."""

    prompt: str
    resolution: str
    seconds: int
    seed: int
    negative_prompt: str | None = None
    prompt_extend: bool = True
    watermark: bool = False
    spoiler: bool = False
    audio: bool = False

    def kind(self, model: str) -> VideoKind:
        """The kind of the video, made with the model of this id."""
        return VideoKind(model, self.resolution, self.seconds, self.audio)
