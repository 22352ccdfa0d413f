"""How far the processes that decode pictures are confined here, for `flipbook check`."""

from bot.cli.check_finding import Finding
from bot.hardening import CLOSED_SINCE
from bot.imaging.pool.process import WorkerGone, WorkerProcess


async def pictures_finding() -> Finding:
    """As one of them says that was started for this.

    It is no failure where the kernel cannot confine them: the bot works there as well.
    """
    worker = await WorkerProcess.start()
    try:
        confined = await worker.ready()
    except WorkerGone as error:
        return Finding(False, "pictures", f"nothing can decode them: {error}")
    finally:
        await worker.end()
    return Finding(True, "pictures", _words(confined["landlock"], confined.get("why", "")))


def _words(version: int, why: str) -> str:
    if not version:
        return f"decoders can read what this account can, .env as well, and use the network: {why}"
    closed = [what for what, since in CLOSED_SINCE.items() if version >= since]
    still = [what for what in CLOSED_SINCE if what not in closed]
    aside = f"; this kernel leaves open: {', '.join(still)}" if still else ""
    return f"closed to decoders by Landlock {version}: {', '.join(closed)}{aside}"
