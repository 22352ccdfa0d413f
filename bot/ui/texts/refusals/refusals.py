"""Why a request was refused, and what to do about it: the entry point to every refusal's text.

The texts about pictures, options, places and limits are in modules of their own. How a video failed
at the provider is told in ``endings``.

Nothing was spent in any of these cases.
"""

import math

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
    PlaceRefused,
    PriceForbidden,
    QuestionOver,
    QuotaRefused,
    Refusal,
    ReportProblem,
    ReportRefused,
    SettingsClash,
    TooManyQuestions,
    VideoGone,
    WordBlocked,
    WordBlockedEverywhere,
)
from bot.ui.texts.language import _, marked
from bot.ui.texts.measures import duration
from bot.ui.texts.refusals import limits, options, pictures, places


def refusal(error: Refusal) -> str:
    """The text for a refusal."""
    match error:
        case OptionRefused() | SettingsClash() | ModelForbidden() | PriceForbidden():
            return options.refused(error)
        case PictureRefused():
            return pictures.refused(error)
        case PicturesWaiting() | PicturesFailed():
            return _pictures(error)
        case QuotaRefused():
            return limits.refused(error.denial)
        case BlockRefused() | ReportRefused():
            return _trust(error)
        case PermissionsMissing():
            return places.permissions_missing(error.missing)
        case PlaceRefused():
            return places.refused(error)
        case _:
            return _plain(error)


def _plain(error: Refusal) -> str:
    if isinstance(error, Closed):
        return _(_CLOSED[error.closure])
    return _(_PLAIN.get(type(error), _ANY))


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
