"""`flipbook run`: logging, signals and exit codes of the bot's process."""

import asyncio
import contextlib
import gc
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from bot.errors import FlipbookError, SettingsError
from bot.ops.logging import set_up_logging
from bot.roles import Role, Shards
from bot.settings.loading import configured_secrets, forget_secrets, load_settings
from bot.settings.settings import Settings
from bot.storage.engine.postgres_address import passwords_of

log = logging.getLogger(__name__)
Result = TypeVar("Result")

REQUIRED = ("DISCORD_TOKEN",)
# Supervisors kill after 20 s or more; a kill loses nothing, so the process ends itself before.
STOP_WITHIN_SECONDS = 18.0
_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)
# With 10,000 tasks in flight, a full collection blocks the event loop for 140 ms, and finds nothing
# in them. Nearly all garbage is freed without the collector; these thresholds leave it the rest.
# Measured by `benchmarks/watching.py`.
_COLLECT_AFTER = (20_000, 50, 100)


def run_bot(*, role: Role = Role.ALL, shards: Shards | None = None) -> int:
    """Run until a signal. Return 0 after a graceful end, 78 for a wrong setting, 75 for a temporary
    problem, or 1 after a bug.
    """
    try:
        settings = load_settings(require=REQUIRED, needs_keys=True)
    except SettingsError as error:
        return _told_in_the_log(error)
    forget_secrets()
    start_logging(settings)

    from bot.app.run import run

    try:
        return run_in_loop(until_signal(lambda: run(settings, role=role, shards=shards)))
    except FlipbookError as error:
        return _log_problems(error)
    except Exception:
        log.critical("ended by a bug", exc_info=True)
        return 1


def start_logging(settings: Settings) -> None:
    """Log as the settings say; their secrets never appear."""
    set_up_logging(
        level=settings.log_level, format=settings.log_format, secrets=secrets_of(settings)
    )


def quiet_logging(settings: Settings) -> None:
    """Log warnings only, unless LOG_LEVEL asks for more; for commands with output of their own."""
    level = "WARNING" if settings.log_level == "INFO" else settings.log_level
    set_up_logging(level=level, format=settings.log_format, secrets=secrets_of(settings))


def secrets_of(settings: Settings) -> list[str]:
    """Return the values that must not appear in logs."""
    given = (settings.discord_token, *(one.key for one in settings.accounts.values()))
    keys = [secret.get_secret_value() for secret in given if secret is not None]
    proxy = settings.outbound().proxy_for("https://discord.com") or ""
    return [*keys, *passwords_of(settings.database_url), *passwords_of(proxy)]


def _told_in_the_log(error: SettingsError) -> int:
    """Log unusable settings, as JSON if LOG_FORMAT says so, otherwise as plain lines."""
    if os.environ.get("LOG_FORMAT", "").strip().lower() != "json":
        from bot.cli.errors import exit_code, start_code

        exit_code(error)
        return start_code(error)
    set_up_logging(format="json", secrets=configured_secrets())
    return _log_problems(error)


def _log_problems(error: FlipbookError) -> int:
    from bot.cli.errors import start_code, words

    for line in words(error):
        log.critical("%s", line)
    log.debug("traceback of the error", exc_info=error)
    return start_code(error)


def run_in_loop(main: Coroutine[Any, Any, Result]) -> Result:
    """Run on uvloop if it is installed, with fewer pauses of the garbage collector."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECT_AFTER)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(main)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


async def until_signal(start: Callable[[], Awaitable[int]], *, interrupted: int = 0) -> int:
    """Run ``start()``; the first signal cancels it, and it then has time to finish.

    Further signals change nothing, because writes in progress must complete. After
    ``STOP_WITHIN_SECONDS`` the process exits at once.

    Args:
        start: what to run; its result is the exit code.
        interrupted: the exit code after a signal.
    """
    loop = asyncio.get_running_loop()
    work = asyncio.ensure_future(start())
    stopping = asyncio.Event()

    def stop(received: signal.Signals) -> None:
        if not stopping.is_set():
            log.info("stopping (%s)", received.name)
            stopping.set()
            loop.call_later(STOP_WITHIN_SECONDS, _give_up, interrupted)
            work.cancel()

    for received in _STOP_SIGNALS:
        loop.add_signal_handler(received, stop, received)
    try:
        return await work
    except asyncio.CancelledError:
        if not stopping.is_set():
            raise
        log.info("stopped")
        return interrupted
    finally:
        for received in _STOP_SIGNALS:
            with contextlib.suppress(RuntimeError):
                loop.remove_signal_handler(received)


def _give_up(code: int) -> None:
    log.warning("not finished in %.0f s; the next start continues from here", STOP_WITHIN_SECONDS)
    logging.shutdown()
    sys.stderr.flush()
    os._exit(code)
