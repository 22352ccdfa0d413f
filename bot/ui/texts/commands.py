"""What commands and their options say about themselves; Discord's limit is 100 characters.

Commands are made once, in English; ``bot.ui.translator`` tells Discord the other languages.
"""

from discord.app_commands import locale_str

from bot.domain.limits import Window
from bot.domain.model import Model
from bot.ui.texts.language import _, marked


def animate() -> str:
    """Of `/animate`."""
    return _("Turn a picture and a sentence into a short video")


def animate_menu() -> str:
    """In the Apps menu of a message; names are the same in all languages."""
    return "Animate"


def animate_options(model: Model) -> dict[str, str | locale_str]:
    """Of each option of `/animate`."""
    return {
        "image": _("The picture that the video starts from"),
        "prompt": _filled(
            marked("What should happen in it, in up to {most} characters"), most=model.prompt_chars
        ),
        "negative_prompt": _("What should not be in it"),
        "resolution": _filled(
            marked("How sharp: a higher one costs more ({default} when left out)"),
            default=model.default_resolution,
        ),
        "seed": _("The same number makes a similar video again; drawn when left out"),
        "prompt_extend": _("Let the video service add to your words (on when left out)"),
        "watermark": _("Put the video service's watermark in the corner (off when left out)"),
        "spoiler": _("Hide the video until somebody clicks on it (off when left out)"),
    }


def windows() -> dict[Window, str]:
    """The choices of the option `window`."""
    return {
        Window.HOUR: _("hour"),
        Window.DAY: _("day"),
        Window.WEEK: _("week"),
        Window.MONTH: _("month"),
    }


def nothing() -> str:
    """The choice that takes a setting away."""
    return _("none")


def _filled(msgid: str, **values: object) -> locale_str:
    """In English; with what it was made of, for ``bot.ui.translator``."""
    return locale_str(msgid.format(**values), msgid=msgid, values=values)


def quota() -> str:
    """Of `/quota`."""
    return _("How many videos you have left, and what yours have cost")


def tasks() -> str:
    """Of `/tasks`."""
    return _("Your videos: how far they are, what they cost, and what you can do about them")


def stats() -> str:
    """Of `/stats`."""
    return _("What the videos of this server come to (moderators)")


def stats_days() -> str:
    """Of the option `days`."""
    return _("How many days back")


def privacy() -> str:
    """Of `/privacy`."""
    return _("What I have stored about you")


def privacy_export() -> str:
    """Of `/privacy export`."""
    return _("Get everything I have stored about you as a file")


def privacy_delete() -> str:
    """Of `/privacy delete`."""
    return _("Delete what I have stored about you")


def how_to() -> str:
    """Of `/help`."""
    return _("How to use me, what I store, and what I need here")


# --- /quota-admin -------------------------------------------------------------------------


def quota_admin() -> str:
    """Of `/quota-admin`."""
    return _("Who may make how many videos (moderators)")


def admin_show() -> str:
    """Of `/quota-admin show`."""
    return _("What somebody may, where that comes from, and what they used")


def admin_set() -> str:
    """Of `/quota-admin set`."""
    return _("Give somebody a limit of their own; without a number, take it away")


def admin_grant() -> str:
    """Of `/quota-admin grant`."""
    return _("Give somebody bonus videos, used after their allowance")


def admin_reset() -> str:
    """Of `/quota-admin reset`."""
    return _("Start somebody's window anew: what they used no longer counts")


def admin_block() -> str:
    """Of `/quota-admin block`."""
    return _("Switch me off for somebody in this server")


def admin_unblock() -> str:
    """Of `/quota-admin unblock`."""
    return _("Switch me on again for somebody")


def admin_role() -> str:
    """Of `/quota-admin role`."""
    return _("Give a role a limit; of several roles the highest wins")


def admin_server() -> str:
    """Of `/quota-admin server`."""
    return _("This server's default and budgets; without an option, show them")


def admin_log() -> str:
    """Of `/quota-admin log`."""
    return _("Who changed what, and when")


def whose() -> str:
    """Of the option `user`."""
    return _("Who it is about")


def log_whose() -> str:
    """Of the option `user` of the log."""
    return _("Only what is about this person")


def which_role() -> str:
    """Of the option `role`."""
    return _("Which role")


def admin_videos() -> str:
    """Of the option `videos`."""
    return _("Videos in a window; 0 blocks, -1 is unlimited, left out: no limit of its own")


def admin_granted() -> str:
    """Of the option `videos` of a grant."""
    return _("How many")


def admin_days() -> str:
    """Of the option `days`."""
    return _("After how many days what is left of them expires; left out: never")


def admin_reason() -> str:
    """Of the option `reason`."""
    return _("Why; the person reads it")


def server_videos() -> str:
    """Of the option `videos` of the server."""
    return _("Videos per person in a window; 0 blocks, -1 is unlimited")


def server_window() -> str:
    """Of the option `window`."""
    return _("The rolling window in which videos are counted")


def server_budget_day() -> str:
    """Of the option `budget_usd_day`."""
    return _("US dollars this server may spend a day; -1: no such budget")


def server_budget_month() -> str:
    """Of the option `budget_usd_month`."""
    return _("US dollars this server may spend a month; -1: only the operator's")


def server_budget_user_month() -> str:
    """Of the option `budget_usd_user_month`."""
    return _("US dollars each person may spend a month; -1: no such budget")


def server_count_charged_failures() -> str:
    """Of the option `count_charged_failures`."""
    return _("Whether a failed video that was charged counts as one of the person's videos")


# --- /settings ----------------------------------------------------------------------------


def settings() -> str:
    """Of `/settings`."""
    return _("How I behave in this server (Manage Server)")


def settings_show() -> str:
    """Of `/settings show`."""
    return _("How I am set up here")


def settings_set() -> str:
    """Of `/settings set`."""
    return _("Change how I am set up here; what is left out stays")


def settings_options() -> dict[str, str]:
    """Of each option of `/settings set`."""
    return {
        "channel_add": _("A channel to be used in; once there is one, I stay out of all others"),
        "channel_remove": _("A channel not to be used in any more"),
        "resolution": _("What is made where none is chosen"),
        "watermark": _("Put the video service's watermark on every video"),
        "spoiler": _("Hide every video until somebody clicks on it"),
        "moderator_role": _("Who may use /quota-admin and /stats; @everyone: nobody by role"),
        "log_channel": _("Where changes and warnings are written; the same again: nowhere"),
        "blocked_words": _(
            "Words that no prompt may have, with commas between them; none: no words"
        ),
        "announce": _("Tell people when a video that took more than a minute is ready"),
        "language": _("The language of public messages; none: the server's own"),
    }
