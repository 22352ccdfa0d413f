"""The models that can be called, with the rules of their reference.

The numbers are repeated here on purpose: they are a second reading of the reference, so that a
mistake in the bot's own numbers shows. A test compares the two.
"""

from dataclasses import dataclass

from sandbox.providers.create_call import ModelRules
from sandbox.providers.pictures import PictureLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class DashScopeModel(ModelRules):
    """What a model accepts, what its answers tell, and how many calls an account may make."""

    negative_prompt_chars: int = 500
    default_seconds: int = 5
    seed_max: int = 2_147_483_647
    rewritten_prompt: bool = True
    """Whether the prompt as rewritten by the service is returned."""
    details: bool = False
    """Whether the usage also tells the lengths of input and output, and the sound."""
    submits_per_second: int
    tasks: int
    """How many of its tasks may be in progress."""


# "10 MB" and "20 MB" of the reference, in the smaller reading.
_PICTURE_10 = PictureLimits(side_min=240, side_max=8000, bytes_max=10_000_000)
_PICTURE_20 = PictureLimits(side_min=240, side_max=8000, bytes_max=20_000_000)

_WAN22_FLASH = DashScopeModel(
    id="wan2.2-i2v-flash",
    prompt_chars=800,
    picture=_PICTURE_10,
    resolutions={
        "480P": ("0.015", "0.015"),
        "720P": ("0.036", "0.036"),
        "1080P": ("0.07", "0.07"),
    },
    default_resolution="720P",
    seconds={5},
    submits_per_second=2,
    tasks=2,
)
_WAN22_PLUS = DashScopeModel(
    id="wan2.2-i2v-plus",
    prompt_chars=800,
    picture=_PICTURE_10,
    resolutions={"480P": ("0.02", "0.02"), "1080P": ("0.10", "0.10")},
    default_resolution="1080P",
    seconds={5},
    submits_per_second=2,
    tasks=2,
)
# The reference lists the parameter `audio` for wan2.6-i2v-flash only. Earlier editions, and other
# gateways' references, list it for this model as well.
_WAN25 = DashScopeModel(
    id="wan2.5-i2v-preview",
    prompt_chars=1500,
    picture=_PICTURE_20,
    resolutions={"480P": ("0.05", "0.05"), "720P": ("0.10", "0.10"), "1080P": ("0.15", "0.15")},
    default_resolution="1080P",
    seconds={5, 10},
    has_sound=True,
    takes_audio=True,
    submits_per_second=5,
    tasks=5,
)
_WAN26_FLASH = DashScopeModel(
    id="wan2.6-i2v-flash",
    prompt_chars=1500,
    picture=_PICTURE_20,
    resolutions={"720P": ("0.025", "0.05"), "1080P": ("0.0375", "0.075")},
    default_resolution="1080P",
    seconds=frozenset(range(2, 16)),
    has_sound=True,
    takes_audio=True,
    rewritten_prompt=False,
    details=True,
    submits_per_second=5,
    tasks=5,
)

MODELS = {model.id: model for model in (_WAN22_FLASH, _WAN22_PLUS, _WAN25, _WAN26_FLASH)}
