"""Checks how well picture decoders are sandboxed on this machine, for `flipbook check`."""

from bot.cli.check.finding import Finding
from bot.hardening import CLOSED_SINCE
from bot.imaging.pool.process import WorkerGone, WorkerProcess


async def pictures_finding() -> Finding:
    """Start a worker and report its sandbox.

    A kernel without sandboxing is not a failure, because the bot works there as well.
    """
    worker = await WorkerProcess.start()
    try:
        confined = await worker.ready()
    except WorkerGone as error:
        return Finding(False, "pictures", f"pictures cannot be decoded: {error}")
    finally:
        await worker.end()
    return Finding(True, "pictures", _words(confined["landlock"], confined.get("why", "")))


def _words(version: int, why: str) -> str:
    if not version:
        return f"decoders are not sandboxed, so they can read .env and use the network: {why}"
    closed = [what for what, since in CLOSED_SINCE.items() if version >= since]
    still = [what for what in CLOSED_SINCE if what not in closed]
    aside = f"; this kernel does not block: {', '.join(still)}" if still else ""
    return f"decoders are sandboxed by Landlock {version}: no {', no '.join(closed)}{aside}"
