"""Why something was not started: one text for every refusal, saying what to do about it.

Nothing was spent in any of these cases.
"""

import math
from collections.abc import Callable, Sequence

from bot.domain.guild import BLOCKED_WORD_CHARS, MOST_BLOCKED_WORDS
from bot.errors import (
    AlreadyAgain,
    Busy,
    Closed,
    Closure,
    CommandGone,
    CommandRefused,
    FormForgotten,
    FrameGone,
    ModelGone,
    NoPicture,
    NoRoom,
    NotFound,
    NotManager,
    NotModerator,
    NotTheirs,
    OptionRefused,
    PermissionsMissing,
    PictureExpired,
    PictureRefused,
    PicturesFailed,
    PicturesWaiting,
    PictureUnavailable,
    PlaceProblem,
    PlaceRefused,
    QuotaRefused,
    Refusal,
    VideoGone,
    WordBlocked,
)
from bot.ui.texts import limits, pictures
from bot.ui.texts.language import _, _n, marked
from bot.ui.texts.measures import clipped, duration, harmless, listed


def refusal(error: Refusal) -> str:
    """What its author reads."""
    match error:
        case OptionRefused():
            return _option(error)
        case PictureRefused():
            return pictures.refused(error)
        case PicturesWaiting() | PicturesFailed():
            return _pictures(error)
        case QuotaRefused():
            return limits.denied(error.denial)
        case PermissionsMissing():
            return permissions_missing(error.missing)
        case PlaceRefused():
            return _(_PLACES[error.problem])
        case Closed():
            return _(_CLOSED[error.closure])
        case _:
            return _(_PLAIN.get(type(error), _ANY))


# --- pictures -----------------------------------------------------------------------------


def _pictures(error: PicturesWaiting | PicturesFailed) -> str:
    if isinstance(error, PicturesWaiting):
        return _(
            "I am still reading {count} other pictures of yours. "
            "Please send this one again when they are through."
        ).format(count=error.count)
    return _(
        "I have read {count} pictures of yours in the last minute that came to nothing, and more "
        "would keep others waiting. Please try again in {wait}."
    ).format(count=error.count, wait=duration(math.ceil(error.retry_after)))


# --- options ------------------------------------------------------------------------------


def _option(error: OptionRefused) -> str:
    words = _OPTIONS.get(error.option, _any_option)
    return words(error)


def _prompt(error: OptionRefused) -> str:
    if error.given == 0:
        return _("The prompt is empty. Say in a few words what should happen in the picture.")
    return _(
        "Your prompt has {given} characters, and the most is {most}. Please shorten it."
    ).format(given=error.given, most=error.allowed[-1])


def _negative_prompt(error: OptionRefused) -> str:
    return _(
        "Your negative prompt has {given} characters, and the most is {most}. Please shorten it."
    ).format(given=error.given, most=error.allowed[-1])


def _resolution(error: OptionRefused) -> str:
    return _("I do not make videos in {given}. Choose one of these: {allowed}.").format(
        given=harmless(clipped(str(error.given), 40)),
        allowed=listed(str(one) for one in error.allowed),
    )


def _seed(error: OptionRefused) -> str:
    return _(
        "The seed must be a whole number from {least} to {most}; {given} is not. "
        "Leave it out and I draw one."
    ).format(given=_number(error.given), least=error.allowed[0], most=error.allowed[-1])


def _number(given: object) -> str:
    return str(given) if isinstance(given, int) else harmless(clipped(str(given), 40))


def _blocked_words(error: OptionRefused) -> str:
    return _(
        "At most {words} blocked words of up to {chars} characters each, with commas between them."
    ).format(words=MOST_BLOCKED_WORDS, chars=BLOCKED_WORD_CHARS)


def _channels(error: OptionRefused) -> str:
    return _("At most {most} channels; remove one first.").format(most=error.allowed[-1])


def _any_option(error: OptionRefused) -> str:
    return _("The option “{option}” is out of its bounds.").format(option=harmless(error.option))


_OPTIONS: dict[str, Callable[[OptionRefused], str]] = {
    "prompt": _prompt,
    "negative_prompt": _negative_prompt,
    "resolution": _resolution,
    "seed": _seed,
    "blocked_words": _blocked_words,
    "channel_add": _channels,
}


# --- places and permissions -----------------------------------------------------------------

_PLACES = {
    PlaceProblem.GUILD_NOT_LISTED: marked(
        "I am set up for other servers only, so I leave this one alone. Whoever runs me can add it."
    ),
    PlaceProblem.DIRECT_MESSAGE: marked(
        "I make videos in servers only. Please use /animate in a channel of a server I am in."
    ),
    PlaceProblem.CHANNEL_NOT_ALLOWED: marked(
        "The moderators of this server want me in other channels. Please use one of those."
    ),
    PlaceProblem.NOT_INVITED: marked(
        "I am not in this server, and I make videos in servers I am in only. Somebody who "
        "manages it can invite me."
    ),
    PlaceProblem.UNKNOWN_CHANNEL: marked(
        "I do not know this kind of channel yet, so I cannot work here. Please use me in an "
        "ordinary text channel."
    ),
    PlaceProblem.NO_SERVER: marked(
        "This command is about a server that I am in, and there is none here. Please use it there."
    ),
}

# As Discord's own settings call them.
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
    """A permission as Discord's settings call it."""
    known = _PERMISSIONS.get(name)
    return _(known) if known else name.replace("_", " ").title()


def permissions_missing(missing: Sequence[str]) -> str:
    """Which of the bot's own permissions a channel lacks, and who can mend that."""
    names = listed(f"**{permission(name)}**" for name in missing)
    return _n(
        "I lack a permission in this channel: {names}. Somebody who manages this server can "
        "give it to me; then try again.",
        "I lack some permissions in this channel: {names}. Somebody who manages this server can "
        "give them to me; then try again.",
        len(missing),
    ).format(names=names)


# --- the rest -----------------------------------------------------------------------------

_CLOSED = {
    Closure.KEY_REFUSED: marked(
        "I cannot make videos at the moment: the video service does not accept my key. "
        "Whoever runs me has been told. Please try again later."
    ),
    Closure.BALANCE_EMPTY: marked(
        "I cannot make videos at the moment: my account at the video service is empty. "
        "Whoever runs me has been told. Please try again later."
    ),
    Closure.MODEL_REFUSED: marked(
        "I cannot make videos at the moment: the model that makes them is not available. "
        "Whoever runs me has been told. Please try again later."
    ),
    Closure.ACCOUNT_REFUSED: marked(
        "I cannot make videos at the moment: the video service refuses to work for my account. "
        "Whoever runs me has been told. Please try again in a minute."
    ),
    Closure.UNCLEAR: marked(
        "I cannot make videos at the moment: the video service gives no clear answers. "
        "Whoever runs me has been told. Please try again later."
    ),
}

_PLAIN: dict[type[Refusal], str] = {
    PictureUnavailable: marked(
        "I could not read your picture from Discord. Please attach it again."
    ),
    WordBlocked: marked(
        "Your prompt has a word in it that the moderators of this server do not want here. "
        "Please say it in other words."
    ),
    Busy: marked("I have my hands full right now. Please try again in a minute."),
    NoRoom: marked(
        "I have no room for another picture right now. Whoever runs me has been told. "
        "Please try again later."
    ),
    NotFound: marked("I know no such video of yours."),
    ModelGone: marked(
        "The model that made this video is not offered here any more, and another one would not "
        "make the same. `/animate` makes a new one."
    ),
    VideoGone: marked("I no longer know anything about this video."),
    NotTheirs: marked("Only the person who asked for this video and the moderators can do that."),
    NotModerator: marked(
        "Only moderators can do that: members who may manage this server, or who have its "
        "moderator role."
    ),
    NotManager: marked("Only members with the permission Manage Server can do that."),
    CommandRefused: marked("This server does not let you use /animate in this channel."),
    AlreadyAgain: marked("You are already making this one again; it will be here soon."),
    FrameGone: marked(
        "I no longer have the picture of this video. Please attach it again with /animate; "
        "ℹ️ shows the prompt and the seed."
    ),
    PictureExpired: marked(
        "I no longer have this picture, and Discord's link to it has expired. Please attach it "
        "again with `/animate`, or use Apps › Animate on its message again."
    ),
    NoPicture: marked("I see no picture in this message. Use Apps › Animate on one that has one."),
    CommandGone: marked(
        "This command, button or form is from an earlier version of me and does nothing any more. "
        "Please close Discord and open it again to see my commands as they are now."
    ),
    FormForgotten: marked(
        "I no longer know which picture this form was about. Please use Apps › Animate on it again."
    ),
}
_ANY = marked("That is not possible at the moment.")


def not_here() -> str:
    """To somebody who is blocked, where others read it."""
    return _("You cannot make videos in this server at the moment. `/quota` tells you why.")


def went_wrong(error_id: str) -> str:
    """A mistake of the program; the id finds it in the log."""
    return _(
        "Something went wrong on my side, and your request was not carried out. Nothing was "
        "spent. If it happens again, tell whoever runs me this number: {error_id}."
    ).format(error_id=error_id)
