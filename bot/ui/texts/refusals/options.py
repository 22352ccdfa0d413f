"""Refusals of an option, a model or a price."""

from collections.abc import Callable

from bot.domain.guilds.guild import BLOCKED_WORD_CHARS, MOST_BLOCKED_WORDS
from bot.errors import ModelForbidden, OptionRefused, PriceForbidden, SettingsClash
from bot.ui.texts import choices
from bot.ui.texts.language import _
from bot.ui.texts.measures import clipped, harmless, listed, sentences


def refused(error: OptionRefused | SettingsClash | ModelForbidden | PriceForbidden) -> str:
    """The text for an option, a model or a price that is not allowed."""
    match error:
        case OptionRefused():
            return _option(error)
        case SettingsClash():
            words = _(
                "Another moderator changed these settings at the same moment, and together with "
                "that, yours can't be saved."
            )
            return sentences(words, _option(error.cause))
        case ModelForbidden():
            return _model_forbidden(error)
        case PriceForbidden():
            return _price_forbidden(error)


def _option(error: OptionRefused) -> str:
    words = _OPTIONS.get(error.option, _any_option)(error)
    if not error.taken_by:
        return words
    others = _("It works with: {models}.").format(models=listed(error.taken_by))
    return sentences(words, others)


def _prompt(error: OptionRefused) -> str:
    if error.given == 0:
        return _("Your prompt is empty. Say in a few words what should happen in the picture.")
    return _("Your prompt has {given} characters; the limit is {most}. Please shorten it.").format(
        given=error.given, most=error.allowed[-1]
    )


def _negative_prompt(error: OptionRefused) -> str:
    if error.allowed[-1] == 0:
        return _not_taken(error)
    return _(
        "Your negative prompt has {given} characters; the limit is {most}. Please shorten it."
    ).format(given=error.given, most=error.allowed[-1])


def _model(error: OptionRefused) -> str:
    return _("There's no model “{given}” here. Choose one of these: {allowed}.").format(
        given=harmless(clipped(str(error.given), 40)),
        allowed=listed(str(one) for one in error.allowed),
    )


def _default_model(error: OptionRefused) -> str:
    return _(
        "Members may not use {given}, so it can't be the default model. Choose one of these: "
        "{allowed}."
    ).format(given=error.given, allowed=listed(str(one) for one in error.allowed))


def _highest_price(error: OptionRefused) -> str:
    return _("The highest price must be more than 0 and at most {most}; -1 removes it.").format(
        most=error.allowed[-1]
    )


def _resolution(error: OptionRefused) -> str:
    if error.taken_by:
        words = _("{model} can't make videos in {given}. Choose one of these: {allowed}.")
    else:
        words = _("I can't make videos in {given}. Choose one of these: {allowed}.")
    return words.format(
        model=error.model,
        given=harmless(clipped(str(error.given), 40)),
        allowed=listed(str(one) for one in error.allowed),
    )


def _duration(error: OptionRefused) -> str:
    return _(
        "{model} can't make a video of {given} seconds. Choose one of these: {allowed}."
    ).format(
        model=error.model,
        given=_number(error.given),
        allowed=listed(str(one) for one in error.allowed),
    )


def _sound(error: OptionRefused) -> str:
    if error.model is None:
        return _("Sound is either on or off, not “{given}”.").format(
            given=harmless(clipped(str(error.given), 40))
        )
    return _("{model} can't make sound.").format(model=error.model)


def _not_taken(error: OptionRefused) -> str:
    return _("{model} doesn't support the option “{option}”.").format(
        model=error.model, option=error.option
    )


def _seed(error: OptionRefused) -> str:
    return _(
        "The seed must be a whole number from {least} to {most}, not {given}. Leave "
        "it out for a random one."
    ).format(given=_number(error.given), least=error.allowed[0], most=error.allowed[-1])


def _number(given: object) -> str:
    return str(given) if isinstance(given, int) else harmless(clipped(str(given), 40))


def _blocked_words(error: OptionRefused) -> str:
    return _(
        "The limit is {words} blocked words of up to {chars} characters each, separated by commas."
    ).format(words=MOST_BLOCKED_WORDS, chars=BLOCKED_WORD_CHARS)


def _channels(error: OptionRefused) -> str:
    return _("The limit is {most} channels; remove one first.").format(most=error.allowed[-1])


def _report(error: OptionRefused) -> str:
    return _("Your report has {given} characters; the limit is {most}. Please shorten it.").format(
        given=error.given, most=error.allowed[-1]
    )


def _any_option(error: OptionRefused) -> str:
    return _("The value of the option “{option}” isn't allowed.").format(
        option=harmless(error.option)
    )


_OPTIONS: dict[str, Callable[[OptionRefused], str]] = {
    "prompt": _prompt,
    "negative_prompt": _negative_prompt,
    "model": _model,
    "default_model": _default_model,
    "highest_price_usd": _highest_price,
    "resolution": _resolution,
    "duration": _duration,
    "sound": _sound,
    "prompt_extend": _not_taken,
    "watermark": _not_taken,
    "seed": _seed,
    "blocked_words": _blocked_words,
    "channel_add": _channels,
    "report": _report,
}


def _model_forbidden(error: ModelForbidden) -> str:
    if not error.allowed:
        return _(
            "This server's moderators allow no model that I offer at the moment. They can change "
            "that with `/settings set`."
        )
    return _(
        "This server's moderators don't allow the model {model} for you. You can use: {allowed}."
    ).format(model=error.model, allowed=listed(error.allowed))


def _price_forbidden(error: PriceForbidden) -> str:
    words = _(
        "This video would cost about {estimate}, and this server's moderators allow up to {most} "
        "for one video."
    ).format(estimate=error.estimate, most=error.highest)
    if not error.fits:
        return words + " " + _("No video of mine costs that little. Please ask them.")
    fitting = [
        _("{kind} (about {estimate})").format(kind=choices.kind(one.kind), estimate=one.estimate)
        for one in error.fits
    ]
    return words + " " + _("You can choose, for example: {videos}.").format(videos=listed(fitting))
