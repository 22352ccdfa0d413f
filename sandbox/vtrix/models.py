"""The models that can be called, with the rules of their references.

The numbers are repeated here on purpose: they are a second reading of the references, so that a
mistake in the bot's own numbers shows. A test compares the two.
"""

from dataclasses import dataclass

from sandbox.providers.create_call import ModelRules
from sandbox.providers.pictures import PictureLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class VtrixModel(ModelRules):
    """What a model of the gateway accepts."""

    negative_prompt_chars: int = 500
    default_seconds: int = 5
    seed_max: int = 2_147_483_647


# The reference's 10 MB, in the smaller reading.
_PICTURE = PictureLimits(side_min=360, side_max=2000, bytes_max=10_000_000)

WAN22_FLASH = VtrixModel(
    id="wan22_i2v_flash",
    prompt_chars=800,
    picture=_PICTURE,
    resolutions={"480P": ("0.02", "0.02"), "720P": ("0.04", "0.04")},
    default_resolution="720P",
    seconds={5},
)
# The source is the gateway's page "wan25-i2v-preview-intl", about the model of the international
# region, `wan25_i2v_preview_intl`; no page about this id was found. It has the resolutions, the
# lengths and the seed. It has no prices and no lengths of prompts: those are the model maker's. It
# has no limits of pictures: those are of the gateway's other model. About sound it has `audio_url`
# only, which is not built. The model's maker makes sound unless `audio` is false; that the gateway
# passes `audio` on is an assumption.
WAN25_PREVIEW = VtrixModel(
    id="wan25_i2v_preview",
    prompt_chars=1500,
    picture=_PICTURE,
    resolutions={"720P": ("0.10", "0.10"), "1080P": ("0.15", "0.15")},
    default_resolution="1080P",
    seconds={5, 10},
    has_sound=True,
    takes_audio=True,
)

MODELS = {model.id: model for model in (WAN22_FLASH, WAN25_PREVIEW)}
