"""`flipbook demo`: the only module of the bot that imports the sandbox, and only when it runs."""

from importlib import import_module
from pathlib import Path

import typer

from bot.cli.run import run_in_loop, until_signal
from bot.errors import CommandError


def run_demo(*, port: int, keep: Path | None, open_browser: bool) -> int:
    """Run the demo until a signal.

    Raises:
        CommandError: it cannot start; the message says what to do.
    """
    _need("av", "PyAV")
    from sandbox import demo

    wish = demo.Wish(port=port, keep=keep, open_browser=open_browser)
    return run_in_loop(until_signal(lambda: demo.run_demo(wish, say=typer.echo)))


def _need(module: str, name: str) -> None:
    """Check that a module can be imported.

    Raises:
        CommandError: it is not installed, or cannot be loaded.
    """
    try:
        import_module(module)
    except ImportError as error:
        raise CommandError(
            f"the demo needs {name}, which cannot be loaded here ({error}). `make demo` in a "
            "checkout installs it; elsewhere: pip install 'flipbook[sandbox]'"
        ) from error
