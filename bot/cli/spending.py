"""`flipbook pause` and `flipbook resume`: whether new videos are paid for, in all processes."""

from bot.cli.database import with_pause


def paused() -> str:
    """Pause spending; the line that says so."""
    before = with_pause(lambda pause: pause.pause())
    if before.paused_at is not None:
        return f"already paused, since {before.paused_at:%Y-%m-%d %H:%M} UTC"
    return (
        "paused: no new videos are taken or sent to the provider, and those that it already has "
        "are delivered; flipbook resume ends it"
    )


def resumed() -> str:
    """Resume spending; the line that says so."""
    before = with_pause(lambda pause: pause.resume())
    if before.paused_at is None:
        return "not paused"
    return "resumed: new videos are taken, and the tasks that waited are sent within seconds"
