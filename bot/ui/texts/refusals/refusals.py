"""Why a request was refused, and what to do about it: the entry point to every refusal's text.

The texts about pictures and limits are in modules of their own. How a video failed at the provider
is told in ``endings``.

Nothing was spent in any of these cases.
"""

import math
from collections.abc import Callable, Sequence

from bot.domain.guilds.guild import BLOCKED_WORD_CHARS, MOST_BLOCKED_WORDS
from bot.domain.report import EVERYWHERE, REPORTS_A_DAY, Blocked, BlockKind
from bot.errors import (
    AlreadyAgain,
    AlreadyAsked,
    AskerGone,
    BlockRefused,
    Busy,
    Closed,
    Closure,
    CommandGone,
    CommandRefused,
    ConsentNeeded,
    ContentRefused,
    ContentUnchecked,
    FormForgotten,
    FrameGone,
    ModelForbidden,
    ModelGone,
    NoPicture,
    NoRoom,
    NotAsked,
    NotFound,
    NotManager,
    NotModerator,
    NotTheirs,
    OptionRefused,
    Paused,
    PermissionsMissing,
    PictureDeleted,
    PictureExpired,
    PictureNotAllowed,
    PictureRefused,
    PicturesFailed,
    PicturesWaiting,
    PictureUnavailable,
    PlaceProblem,
    PlaceRefused,
    PriceForbidden,
    QuestionOver,
    QuotaRefused,
    Refusal,
    ReportProblem,
    ReportRefused,
    TooManyQuestions,
    VideoGone,
    WordBlocked,
    WordBlockedEverywhere,
)
from bot.ui.texts import choices
from bot.ui.texts.language import _, _n, marked
from bot.ui.texts.measures import clipped, duration, harmless, listed, sentences, some
from bot.ui.texts.refusals import limits, pictures


def refusal(error: Refusal) -> str:
    """The text for a refusal."""
    match error:
        case OptionRefused() | ModelForbidden() | PriceForbidden():
            return _choice(error)
        case PictureRefused():
            return pictures.refused(error)
        case PicturesWaiting() | PicturesFailed():
            return _pictures(error)
        case QuotaRefused():
            return limits.refused(error.denial)
        case BlockRefused() | ReportRefused():
            return _trust(error)
        case PermissionsMissing():
            return permissions_missing(error.missing)
        case PlaceRefused():
            return _place(error)
        case _:
            return _plain(error)


def _plain(error: Refusal) -> str:
    if isinstance(error, Closed):
        return _(_CLOSED[error.closure])
    return _(_PLAIN.get(type(error), _ANY))


# --- pictures -----------------------------------------------------------------------------


def _pictures(error: PicturesWaiting | PicturesFailed) -> str:
    if isinstance(error, PicturesWaiting):
        return _(
            "I'm still reading {count} other pictures of yours, which is the limit. "
            "Please send this one again when they're done."
        ).format(count=error.count)
    return _(
        "None of the last {count} pictures you sent could become a video, so please wait {wait} "
        "before the next one. That is a limit of mine, and it keeps me free for everybody."
    ).format(count=error.count, wait=duration(math.ceil(error.retry_after)))


# --- options ------------------------------------------------------------------------------


def _choice(error: OptionRefused | ModelForbidden | PriceForbidden) -> str:
    match error:
        case OptionRefused():
            return _option(error)
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


# --- places and permissions -----------------------------------------------------------------

_PLACES = {
    PlaceProblem.GUILD_NOT_LISTED: marked(
        "I'm only set up for other servers. The bot's owner can add this one."
    ),
    PlaceProblem.DIRECT_MESSAGE: marked(
        "I only make videos in servers. Please use `/animate` in a channel of a server I'm in."
    ),
    PlaceProblem.CHANNEL_NOT_ALLOWED: marked(
        "This server's moderators allow me in other channels only. Please use one of those."
    ),
    PlaceProblem.NOT_INVITED: marked(
        "I'm not in this server, and I only make videos in servers I'm in. Someone "
        "who manages it can invite me."
    ),
    PlaceProblem.UNKNOWN_CHANNEL: marked(
        "I don't know this kind of channel yet, so I can't work here. Please use an "
        "ordinary text channel."
    ),
    PlaceProblem.NO_SERVER: marked(
        "This command only works in a server that I'm in. Please use it there."
    ),
}

_CHANNELS_CHARS = 300


def _place(error: PlaceRefused) -> str:
    if not error.allowed_channel_ids:
        return _(_PLACES[error.problem])
    channels = some([f"<#{one}>" for one in sorted(error.allowed_channel_ids)], _CHANNELS_CHARS)
    return _("In this server, I can only be used in {channels}.").format(channels=channels)


# The names in Discord's own settings.
_PERMISSIONS = {
    "view_channel": marked("View Channel"),
    "send_messages": marked("Send Messages"),
    "send_messages_in_threads": marked("Send Messages in Threads"),
    "attach_files": marked("Attach Files"),
    "embed_links": marked("Embed Links"),
    "read_message_history": marked("Read Message History"),
    "add_reactions": marked("Add Reactions"),
    "connect": marked("Connect"),
}


def permission(name: str) -> str:
    """The name of a permission in Discord's settings."""
    known = _PERMISSIONS.get(name)
    return _(known) if known else name.replace("_", " ").title()


def permissions_missing(missing: Sequence[str]) -> str:
    """The permissions that the bot lacks in a channel, and who can grant them."""
    names = listed(f"**{permission(name)}**" for name in missing)
    return _n(
        "I'm missing a permission in this channel: {names}. Someone who manages "
        "this server can grant it; then try again.",
        "I'm missing some permissions in this channel: {names}. Someone who manages "
        "this server can grant them; then try again.",
        len(missing),
    ).format(names=names)


# --- blocks and reports -----------------------------------------------------------------------


def _trust(error: BlockRefused | ReportRefused) -> str:
    if isinstance(error, BlockRefused):
        return _blocked(error.block)
    return _(_REPORTS[error.problem]).format(most=REPORTS_A_DAY)


def _blocked(block: Blocked) -> str:
    if block.kind is BlockKind.PERSON:
        return _("The bot's owner has blocked you.")
    if block.kind is BlockKind.SERVER:
        return _("The bot's owner has blocked this server, so I don't make videos here.")
    if block.guild_id == EVERYWHERE:
        return _("The bot's owner has blocked this picture. Please use another one.")
    return _("This server's moderators have blocked this picture. Please use another one.")


_REPORTS = {
    ReportProblem.OWN: marked("This is your own video. Press 🗑️ below it to delete it."),
    ReportProblem.TWICE: marked("You've reported this video before. I'll tell you the decision."),
    ReportProblem.TOO_MANY: marked(
        "You've reported {most} videos in the last 24 hours, which is the limit. If it's urgent, "
        "please write to this server's moderators, or use Discord's own Report Message."
    ),
    ReportProblem.GONE: marked("This video has been deleted already."),
    ReportProblem.NOT_A_RESULT: marked(
        "This message isn't a video of mine. Use Apps › Report video on one that is."
    ),
    ReportProblem.HIDDEN: marked(
        "This video was reported and is hidden, so I can't make it again before moderators have "
        "decided."
    ),
    ReportProblem.DECIDED: marked("Somebody else has decided this report already."),
}


# --- the rest -----------------------------------------------------------------------------

_CLOSED = {
    Closure.KEY_REFUSED: marked(
        "I can't make videos right now: the video service isn't accepting my key. "
        "The bot's owner has been notified. Please try again later."
    ),
    Closure.BALANCE_EMPTY: marked(
        "I can't make videos right now: my account with the video service is out of "
        "credit. The bot's owner has been notified. Please try again later."
    ),
    Closure.MODEL_REFUSED: marked(
        "I can't make videos right now: the model that makes them isn't available. "
        "The bot's owner has been notified. Please try again later."
    ),
    Closure.ACCOUNT_REFUSED: marked(
        "I can't make videos right now: the video service is refusing my account. "
        "The bot's owner has been notified. Please try again in a minute."
    ),
    Closure.UNCLEAR: marked(
        "I can't make videos right now: the video service isn't giving clear "
        "answers. The bot's owner has been notified. Please try again later."
    ),
}

_PLAIN: dict[type[Refusal], str] = {
    PictureUnavailable: marked("I couldn't get your picture from Discord. Please attach it again."),
    WordBlocked: marked(
        "Your prompt has a word that this server's moderators have blocked. Please "
        "use different words."
    ),
    ContentRefused: marked(
        "I can't make this video: the picture or the prompt is not allowed here. Nothing was "
        "charged. Please try other words or another picture."
    ),
    ContentUnchecked: marked(
        "I couldn't check whether this picture and prompt are allowed here, so I didn't start. "
        "Nothing was charged. Please try again in a minute."
    ),
    WordBlockedEverywhere: marked(
        "Your prompt has a word that the bot's owner has blocked everywhere. Please use different "
        "words."
    ),
    Paused: marked(
        "I'm not making new videos at the moment: the bot's owner has paused me. Videos that are "
        "already being made will still arrive. Please try again later."
    ),
    Busy: marked("I'm busy right now. Please try again in a minute."),
    NoRoom: marked(
        "I have no storage space for another picture right now. The bot's owner has "
        "been notified. Please try again later."
    ),
    NotFound: marked("I couldn't find that video among yours."),
    ModelGone: marked(
        "The model that made this video is no longer offered, and another one "
        "wouldn't make the same. Use `/animate` to make a new one."
    ),
    VideoGone: marked("I no longer have any record of this video."),
    NotTheirs: marked("Only the person who asked for this video and moderators can do that."),
    NotModerator: marked(
        "Only moderators can do that: members with Manage Server or this server's moderator role."
    ),
    NotManager: marked("Only members with the Manage Server permission can do that."),
    CommandRefused: marked("This server doesn't let you use `/animate` in this channel."),
    AlreadyAgain: marked("You're already making this one again; it will be here soon."),
    FrameGone: marked(
        "I no longer have this video's picture. Please attach it again with "
        "`/animate`; ℹ️ shows the prompt and the seed."
    ),
    PictureExpired: marked(
        "I no longer have this picture, and Discord's link to it has expired. Please attach it "
        "again with `/animate`, or use Apps › Animate on its message again."
    ),
    NoPicture: marked(
        "There's no picture in this message. Use Apps › Animate on one that has one."
    ),
    AlreadyAsked: marked(
        "You've already asked for this picture. Please wait for the answer; after a no, you can "
        "ask again the next day."
    ),
    TooManyQuestions: marked(
        "You have three open questions about pictures, which is the limit. Please wait until "
        "one of them is answered; an hour at most."
    ),
    QuestionOver: marked("This question has been answered, or it's over an hour old."),
    NotAsked: marked("Only the person whose picture it is can answer this."),
    PictureDeleted: marked("The message with the picture has been deleted."),
    AskerGone: marked("The person who asked has left this server."),
    # The same words whether the person or the server does not allow it: nobody is told which.
    PictureNotAllowed: marked(
        "This is somebody else's picture or video, and they or this server don't let others "
        "animate it."
    ),
    ConsentNeeded: marked(
        "The person whose picture this is has to allow it first. Please try again, and I'll ask."
    ),
    CommandGone: marked(
        "This command, button or form is from an earlier version of me and no "
        "longer works. Please restart Discord to see my current commands."
    ),
    FormForgotten: marked(
        "I restarted and lost track of which picture it was. Please use Apps › Animate on it again."
    ),
}
_ANY = marked("That isn't possible right now.")


def not_possible() -> str:
    """The public text for somebody whom the operator blocked, which does not say so."""
    return _(_ANY)


def not_here() -> str:
    """The public text for a blocked person, which does not say that they are blocked."""
    return _("You can't make videos in this server right now. `/quota` tells you why.")


def went_wrong(error_id: str) -> str:
    """The text for an unexpected error, with the id that finds it in the log."""
    return _(
        "Something went wrong on my side, and your request wasn't carried out. "
        "Nothing was charged. If it happens again, give the bot's owner this code: "
        "{error_id}."
    ).format(error_id=error_id)
