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
        "image": _("The picture to animate"),
        "prompt": _filled(
            marked("What should happen in the video (up to {most} characters)"),
            most=model.prompt_chars,
        ),
        "negative_prompt": _("What the video should not show"),
        "resolution": _filled(
            marked("Resolution; higher costs more (default: {default})"),
            default=model.default_resolution,
        ),
        "seed": _("The same seed gives a similar video (default: random)"),
        "prompt_extend": _("Let the video service expand your prompt (default: on)"),
        "watermark": _("Put the video service's watermark in the corner (default: off)"),
        "spoiler": _("Hide the video until someone clicks it (default: off)"),
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
    return _("Your limit, how many videos you have left, and what yours have cost")


def tasks() -> str:
    """Of `/tasks`."""
    return _("Your videos: see their progress and cost, cancel one or send it again")


def stats() -> str:
    """Of `/stats`."""
    return _("Statistics of this server's videos (moderators)")


def stats_days() -> str:
    """Of the option `days`."""
    return _("How many days to show")


def privacy() -> str:
    """Of `/privacy`."""
    return _("What I have stored about you")


def privacy_export() -> str:
    """Of `/privacy export`."""
    return _("Get a file with everything I have stored about you")


def privacy_delete() -> str:
    """Of `/privacy delete`."""
    return _("Delete what I have stored about you")


def how_to() -> str:
    """Of `/help`."""
    return _("How to use me, what I store, and which permissions I need")


# --- /quota-admin -------------------------------------------------------------------------


def quota_admin() -> str:
    """Of `/quota-admin`."""
    return _("Limits, bonus videos, budgets and blocks (moderators)")


def admin_show() -> str:
    """Of `/quota-admin show`."""
    return _("Show someone's limit, where it comes from, and what they've used")


def admin_set() -> str:
    """Of `/quota-admin set`."""
    return _("Set a limit for someone; leave out the number to remove it")


def admin_grant() -> str:
    """Of `/quota-admin grant`."""
    return _("Give someone bonus videos, used once their limit is reached")


def admin_reset() -> str:
    """Of `/quota-admin reset`."""
    return _("Reset someone's usage: the videos they've made no longer count")


def admin_block() -> str:
    """Of `/quota-admin block`."""
    return _("Block someone from using Flipbook in this server")


def admin_unblock() -> str:
    """Of `/quota-admin unblock`."""
    return _("Unblock someone in this server")


def admin_role() -> str:
    """Of `/quota-admin role`."""
    return _("Set a limit for a role; with several roles, the highest applies")


def admin_server() -> str:
    """Of `/quota-admin server`."""
    return _("Set this server's default limit and budgets; without options, show them")


def admin_log() -> str:
    """Of `/quota-admin log`."""
    return _("Who changed what, and when")


def whose() -> str:
    """Of the option `user`."""
    return _("Whose")


def log_whose() -> str:
    """Of the option `user` of the log."""
    return _("Only changes concerning this person")


def which_role() -> str:
    """Of the option `role`."""
    return _("Which role")


def admin_videos() -> str:
    """Of the option `videos`."""
    return _("Videos per window: 0 allows none, -1 is unlimited; leave out to remove the limit")


def admin_granted() -> str:
    """Of the option `videos` of a grant."""
    return _("How many bonus videos")


def admin_days() -> str:
    """Of the option `days`."""
    return _("Days until unused ones expire (default: never)")


def admin_reason() -> str:
    """Of the option `reason`."""
    return _("The reason, which the person can read")


def server_videos() -> str:
    """Of the option `videos` of the server."""
    return _("Videos per person per window: 0 allows none, -1 is unlimited")


def server_window() -> str:
    """Of the option `window`."""
    return _("The rolling window that videos are counted in")


def server_budget_day() -> str:
    """Of the option `budget_usd_day`."""
    return _("This server's budget per day, in US dollars; -1: none")


def server_budget_month() -> str:
    """Of the option `budget_usd_month`."""
    return _("This server's budget per month, in US dollars; -1: only the bot owner's")


def server_budget_user_month() -> str:
    """Of the option `budget_usd_user_month`."""
    return _("Each person's budget per month, in US dollars; -1: none")


def server_count_charged_failures() -> str:
    """Of the option `count_charged_failures`."""
    return _("Whether failed videos that were charged count towards the person's limit")


# --- /settings ----------------------------------------------------------------------------


def settings() -> str:
    """Of `/settings`."""
    return _("How I work in this server (Manage Server)")


def settings_show() -> str:
    """Of `/settings show`."""
    return _("Show my settings in this server")


def settings_set() -> str:
    """Of `/settings set`."""
    return _("Change my settings in this server; options you leave out stay as they are")


def settings_options() -> dict[str, str]:
    """Of each option of `/settings set`."""
    return {
        "channel_add": _("A channel to allow; once there is one, I work only in allowed channels"),
        "channel_remove": _("A channel to allow no longer"),
        "resolution": _("The resolution when none is chosen"),
        "watermark": _("Put the video service's watermark on every video"),
        "spoiler": _("Hide every video until someone clicks it"),
        "moderator_role": _("Who may use /quota-admin and /stats; @everyone: no role"),
        "log_channel": _("Where I post changes and warnings; choose it again to turn this off"),
        "blocked_words": _("Words to block in prompts, separated by commas; none: no words"),
        "announce": _("Notify people when a video that took over a minute is ready"),
        "language": _("The language of public messages; none: the server's own"),
    }
