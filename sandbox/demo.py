"""The demo: a local Discord with its page, two local providers, a local check, and the real bot."""

import asyncio
import contextlib
import errno
import os
import secrets
import signal
import sys
import tempfile
import webbrowser
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.errors import CommandError
from sandbox.bot_process import BotProcess, Launch, launch_guarded
from sandbox.dashscope import LocalDashScope
from sandbox.dashscope.models import MODELS as DASHSCOPE_MODELS
from sandbox.discord import LocalDiscord
from sandbox.moderation import FORBIDDEN, LocalModeration
from sandbox.page.server import open_page
from sandbox.providers.create_call import ModelRules
from sandbox.vtrix import LocalVtrix
from sandbox.vtrix.models import WAN22_FLASH, WAN25_PREVIEW

HOST = "127.0.0.1"
VIDEO_SECONDS = 7.0
"""How long the local provider takes for a video. The bot polls every 5 s, so 7 s are noticed after
12
at most, with one poll in between that shows progress."""
ACKNOWLEDGE_SECONDS = 3.0
"""Discord's time limit for an acknowledgement."""
ONLINE_WITHIN_SECONDS = 60.0
# Enough to play with; a real server's default is 5.
_VIDEOS_A_DAY = "25"
_OTHER_MODELS: Sequence[ModelRules] = (
    WAN25_PREVIEW,
    DASHSCOPE_MODELS["wan2.5-i2v-preview"],
    DASHSCOPE_MODELS["wan2.6-i2v-flash"],
)
"""Models with longer videos and with sound, beside the default one."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Arguments of the command line."""

    port: int
    """Port of the page; 0 picks a free one."""
    keep: Path | None
    """Folder that keeps the bot's database, pictures and log; ``None``: they are deleted."""
    open_browser: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """The parts of a running demo."""

    url: str
    """Address of the page."""
    discord: LocalDiscord
    provider: LocalVtrix
    """The provider of the default model."""
    dashscope: LocalDashScope
    bot: BotProcess


async def run_demo(wish: Wish, *, say: Say) -> int:
    """Start everything, print the address, and run until canceled.

    Raises:
        CommandError: the demo cannot start; the message says what to do.
    """
    _end_with_the_terminal()
    with _folder(wish.keep) as folder:
        say("Starting the bot …")
        async with open_demo(folder=folder, port=wish.port) as demo:
            _tell(demo.url, wish, say=say)
            try:
                await asyncio.Event().wait()
            finally:
                say("\nStopping the demo …")
    return 0


@asynccontextmanager
async def open_demo(
    *,
    folder: Path,
    port: int,
    video_seconds: float = VIDEO_SECONDS,
    acknowledge: float = ACKNOWLEDGE_SECONDS,
    launch: Launch = launch_guarded,
) -> AsyncIterator[Demo]:
    """Run the demo; when the context is entered, the bot is online with its commands.

    Args:
        folder: where the bot keeps its state.
        port: port of the page; 0 picks a free one.
        video_seconds: how long the provider takes for a video.
        acknowledge: seconds that the bot has for its first answer to an interaction.
        launch: starts the bot's process.

    Raises:
        CommandError: the demo cannot start; the message says what to do.
    """
    async with AsyncExitStack() as stack:
        discord = await stack.enter_async_context(LocalDiscord(host=HOST, acknowledge=acknowledge))
        provider = await stack.enter_async_context(
            LocalVtrix(host=HOST, key=_new_key(), seconds=video_seconds, render_early=True)
        )
        dashscope = await stack.enter_async_context(
            LocalDashScope(host=HOST, key=_new_key(), seconds=video_seconds, render_early=True)
        )
        moderation = await stack.enter_async_context(LocalModeration(key=_new_key(), host=HOST))
        settings = _settings(discord, provider, dashscope, moderation)
        bot = BotProcess(folder=folder, settings=settings, launch=launch)
        with _port_in_words(port):
            url = await stack.enter_async_context(
                open_page(
                    discord=discord,
                    provider=provider,
                    dashscope=dashscope,
                    bot=bot,
                    host=HOST,
                    port=port,
                )
            )
        stack.push_async_callback(bot.stop)
        await bot.start()
        await _online(discord, bot)
        yield Demo(url=url, discord=discord, provider=provider, dashscope=dashscope, bot=bot)


def _new_key() -> str:
    """Make a key for this run, which other programs on this machine do not know."""
    return f"demo-{secrets.token_hex(16)}"


def _settings(
    discord: LocalDiscord,
    provider: LocalVtrix,
    dashscope: LocalDashScope,
    moderation: LocalModeration,
) -> dict[str, str]:
    """Settings that an operator would write into `.env`."""
    return {
        "DISCORD_TOKEN": discord.token,
        "DISCORD_API_URL": discord.api_url,
        "DISCORD_CDN_URL": discord.cdn_url,
        "VTRIX_API_KEY": provider.key,
        "VTRIX_BASE_URL": provider.base_url,
        "DASHSCOPE_API_KEY": dashscope.key,
        "DASHSCOPE_BASE_URL": dashscope.base_url,
        "MODELS": ",".join(model.id for model in (WAN22_FLASH, *_OTHER_MODELS)),
        "PRICES": ",".join(_prices()),
        "MODERATION_URL": moderation.url,
        "MODERATION_KEY": moderation.key,
        "QUOTA_VIDEOS": _VIDEOS_A_DAY,
    }


def _prices() -> Iterator[str]:
    """Yield what the other models cost, as an operator writes it."""
    for model in _OTHER_MODELS:
        for resolution, (silent, with_sound) in model.resolutions.items():
            yield f"{model.id}:{resolution}={silent}/s"
            yield f"{model.id}:{resolution}:sound={with_sound}/s"


async def _online(discord: LocalDiscord, bot: BotProcess) -> None:
    """Wait until the bot is online with its commands.

    Raises:
        CommandError: the bot ended, or takes too long.
    """
    online = asyncio.ensure_future(_identified(discord))
    ended = asyncio.ensure_future(bot.ended())
    waiters = {online, ended}
    try:
        await asyncio.wait(waiters, return_when=asyncio.FIRST_COMPLETED)
        if ended.done():
            raise CommandError(f"the bot did not start. Its log ends with:\n{bot.last_words()}")
        with contextlib.suppress(TimeoutError):
            return await online
        raise CommandError(
            f"the bot was not online after {ONLINE_WITHIN_SECONDS:.0f} s. "
            f"Its log ends with:\n{bot.last_words()}"
        )
    finally:
        for waiter in waiters:
            waiter.cancel()
        await asyncio.gather(*waiters, return_exceptions=True)


async def _identified(discord: LocalDiscord) -> None:
    await discord.ready(within=ONLINE_WITHIN_SECONDS)
    await discord.synced("animate", within=ONLINE_WITHIN_SECONDS)


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    """Prepare the folder for the bot's state.

    Raises:
        CommandError: the folder cannot be used.
    """
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="flipbook-demo-") as folder:
            yield Path(folder)
        return
    if (keep / ".env").exists():
        raise CommandError(
            f"{keep} has a .env, so it belongs to a real bot: choose another folder for --keep"
        )
    try:
        keep.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CommandError(f"{keep} cannot be used as a folder: {error.strerror}") from error
    if not os.access(keep, os.W_OK | os.X_OK):
        raise CommandError(f"{keep} cannot be written")
    yield keep.resolve()


@contextmanager
def _port_in_words(port: int) -> Iterator[None]:
    """Turn an error about the port into a message.

    Raises:
        CommandError: the port cannot be used.
    """
    try:
        yield
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            problem = f"port {port} is taken by another program"
        elif error.errno == errno.EACCES:
            problem = f"port {port} may not be used by this account"
        else:
            raise
        free = "`--port 0` picks a free one (make demo PORT=0)"
        raise CommandError(f"{problem}: choose another with --port, or {free}") from error


def _tell(url: str, wish: Wish, *, say: Say) -> None:
    say(f"\n  Flipbook is running at:  {url}\n")
    say("Attach a picture, type /animate, and press Enter. Nothing leaves this machine.")
    say(f"The bot's check of prompts refuses the word “{FORBIDDEN}”.")
    if wish.keep is not None:
        say(f"Its database, pictures and log stay in {wish.keep}.")
    say("Press Ctrl-C to stop it.")
    if wish.open_browser and has_desktop():
        webbrowser.open(url)


def has_desktop() -> bool:
    """Whether there is a screen that a browser could appear on."""
    if sys.platform == "darwin":
        return not os.environ.get("SSH_CONNECTION")
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _end_with_the_terminal() -> None:
    """Treat a closed terminal (SIGHUP) like SIGTERM."""
    loop = asyncio.get_running_loop()
    with contextlib.suppress(NotImplementedError, RuntimeError):
        loop.add_signal_handler(signal.SIGHUP, signal.raise_signal, signal.SIGTERM)
