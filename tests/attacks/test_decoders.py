"""Decoders: what one that a picture took over could reach, with and without defenses."""

import asyncio
import contextlib
import hashlib
import json
import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.cli.check.pictures import pictures_finding
from bot.domain.models.model import WAN22_I2V_FLASH as MODEL
from bot.errors import PictureProblem, PictureRefused
from bot.hardening import CLOSED_SINCE
from bot.imaging.pool import process
from bot.imaging.pool.pool import Pool, open_frame_maker
from bot.settings.loading import forget_secrets
from sandbox.discord import LocalDiscord, Person
from tests.attacks import without_capabilities
from tests.factories import make_picture
from tests.flows.conftest import ada, bot, discord_, provider  # noqa: F401 - fixtures
from tests.flows.harness import BotProcess, animate, eventually
from tests.imaging.pictures import animated, deep_png, masked_bmp, noise, saved, swapped_profile
from tests.requirements import need_linux

# What an attacker inside a decoder tries, and the entry of `CLOSED_SINCE` that prevents it.
ATTACKS = {
    "read the parent's environment": "files",
    "read .env": "files",
    "list a folder": "files",
    "write a file": "files",
    "run a program": "files",
    "connect by TCP": "TCP",
    "listen by TCP": "TCP",
    "signal the parent": "signals",
    "connect to an abstract socket": "signals",
    "connect to a Unix socket": "Unix sockets",
    "send by UDP": "UDP",
}
# The program needs an interpreter of its own, since a process cannot regain what it gave up.
PROGRAM = """
import json, os, socket, sys
from pathlib import Path
from bot.imaging.pool.worker import confined

where = json.loads(sys.argv[1])
folder = Path(where["folder"])

def connect(family, kind, address):
    with socket.socket(family, kind) as one:
        one.connect(address)
        one.send(b"secret")

def listen():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))

attacks = {
    "read the parent's environment": Path(f"/proc/{os.getppid()}/environ").read_bytes,
    "read .env": (folder / ".env").read_text,
    "list a folder": lambda: os.listdir(folder),
    "write a file": lambda: (folder / "written").write_text("here"),
    "run a program": lambda: os.posix_spawn(sys.executable, [sys.executable, "-c", ""], {}),
    "connect by TCP": lambda: connect(socket.AF_INET, socket.SOCK_STREAM, tuple(where["tcp"])),
    "listen by TCP": listen,
    "signal the parent": lambda: os.kill(os.getppid(), 0),
    "connect to an abstract socket":
        lambda: connect(socket.AF_UNIX, socket.SOCK_STREAM, "\\0" + where["abstract"]),
    "connect to a Unix socket":
        lambda: connect(socket.AF_UNIX, socket.SOCK_STREAM, where["unix"]),
    "send by UDP": lambda: connect(socket.AF_INET, socket.SOCK_DGRAM, tuple(where["udp"])),
}
came = {"says": confined() if where["confined"] else {"landlock": 0}}
for name, attack in attacks.items():
    try:
        attack()
    except PermissionError:
        came[name] = "refused"
    else:
        came[name] = "done"
print(json.dumps(came))
"""


@contextlib.contextmanager
def listening(family: int, kind: int, address: Any) -> Iterator[Any]:
    with socket.socket(family, kind) as one:
        one.bind(address)
        if kind == socket.SOCK_STREAM:
            one.listen()
        yield one.getsockname()


def attacked(folder: Path, *, confined: bool) -> dict[str, Any]:
    """Return the outcome of each attack."""
    (folder / ".env").write_text("VTRIX_API_KEY=test-key\n")
    name, path = secrets.token_hex(8), str(folder / "socket")
    with (
        listening(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)) as tcp,
        listening(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)) as udp,
        listening(socket.AF_UNIX, socket.SOCK_STREAM, f"\0{name}"),
        listening(socket.AF_UNIX, socket.SOCK_STREAM, path),
    ):
        where = {"folder": str(folder), "tcp": tcp, "udp": udp, "abstract": name, "unix": path}
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, json.dumps(where | {"confined": confined})],
            capture_output=True,
            text=True,
            check=True,
        )
    came: dict[str, Any] = json.loads(done.stdout.splitlines()[0])
    return came


def test_without_defenses_every_attack_works(tmp_path: Path) -> None:
    need_linux("Landlock")
    came = attacked(tmp_path, confined=False)
    assert {name: came[name] for name in ATTACKS} == dict.fromkeys(ATTACKS, "done")


def test_a_decoder_that_was_taken_over_reaches_nothing_that_the_kernel_can_close(
    tmp_path: Path,
) -> None:
    need_linux("Landlock")
    came = attacked(tmp_path, confined=True)
    version = came["says"]["landlock"]
    expected = {
        name: "refused" if version >= CLOSED_SINCE[what] else "done"
        for name, what in ATTACKS.items()
    }
    assert {name: came[name] for name in ATTACKS} == expected
    # On a kernel without Landlock, the program gives the reason.
    assert version or came["says"]["why"]


async def test_check_says_what_is_closed_to_decoders_on_this_machine(tmp_path: Path) -> None:
    need_linux("Landlock")
    came = await asyncio.to_thread(attacked, tmp_path, confined=True)
    finding = await pictures_finding()
    closed, _, still_open = finding.says.partition("; this kernel does not block: ")
    assert finding.fine
    for name, what in ATTACKS.items():
        if came["says"]["landlock"]:
            assert what in (closed if came[name] == "refused" else still_open), name
        else:
            assert ".env" in finding.says


async def test_check_says_so_where_the_kernel_closes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lacking = "sys.modules['landlockpy'] = None\nfrom bot.imaging"
    monkeypatch.setattr(process, "PROGRAM", process.PROGRAM.replace("from bot.imaging", lacking))
    finding = await pictures_finding()
    assert finding.fine
    assert finding.says == (
        "decoders are not sandboxed, so they can read .env and use the network: "
        "landlockpy is not installed"
    )


def status_of(pid: int) -> list[dict[str, str]]:
    """Return the status of each thread of a process."""
    return [
        dict(line.split(":\t", 1) for line in (task / "status").read_text().splitlines())
        for task in Path(f"/proc/{pid}/task").iterdir()
    ]


async def test_every_thread_of_every_worker_is_confined(tmp_path: Path) -> None:
    need_linux("/proc")
    (tmp_path / "source").write_bytes(make_picture("PNG"))
    async with open_frame_maker(workers=2) as maker:
        assert isinstance(maker, Pool)
        await asyncio.gather(*(maker.make(tmp_path / "source", tmp_path, MODEL) for _ in range(4)))
        assert len(maker.pids) == 2
        for pid in maker.pids:
            threads = status_of(pid)
            assert [one["NoNewPrivs"] for one in threads] == ["1"] * len(threads)
            assert len(threads) >= 2


# --- what a picture needs is loaded in advance -----------------------------------------------


def every_kind_of_picture() -> dict[str, bytes]:
    return {
        "a photograph": saved(noise((3000, 2000)), "JPEG", quality=60),
        "a progressive one": saved(noise((500, 400)), "JPEG", progressive=True),
        "CMYK": saved(noise((500, 400), "CMYK"), "JPEG"),
        "a foreign profile": saved(noise((500, 400)), "JPEG", icc_profile=swapped_profile()),
        "cut off": make_picture("JPEG", (700, 500))[:-100],
        "16 bits": deep_png((400, 400), (1, 2, 3)),
        "a palette": saved(noise((400, 400)).quantize(16)),
        "transparent": saved(noise((2500, 2500), "RGBA")),
        "of two levels": saved(noise((400, 400)).convert("1")),
        "a BMP": masked_bmp(noise((400, 400), "RGBA")),
        "WEBP": saved(noise((400, 400)), "WEBP"),
        "transparent WEBP": saved(noise((2500, 400), "RGBA"), "WEBP", lossless=True),
        "moving WEBP": animated("WEBP"),
        "moving PNG": animated("PNG"),
    }


WATCHED = """
import json, sys, warnings
from pathlib import Path
from bot.domain.models.model import WAN22_I2V_FLASH
from bot.errors import PictureRefused
from bot.imaging.pool import worker

pictures = {path.name: path.read_bytes() for path in Path(sys.argv[1]).iterdir()}
worker.load()
opened = []

def watch(event, arguments):
    if event in ("open", "import", "ctypes.dlopen", "os.listdir", "subprocess.Popen"):
        opened.append(f"{name}: {event} {arguments[0]}")

name = "nothing"
sys.addaudithook(watch)
for name, data in pictures.items():
    with warnings.catch_warnings(record=True):
        warnings.simplefilter("always")
        try:
            worker.make(data, WAN22_I2V_FLASH)
        except PictureRefused:
            continue
print(json.dumps(opened))
"""


def test_no_picture_needs_a_file_or_a_module_that_is_not_loaded(tmp_path: Path) -> None:
    for name, data in every_kind_of_picture().items():
        (tmp_path / name).write_bytes(data)
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, str(tmp_path)], capture_output=True, check=True
    )
    assert json.loads(done.stdout) == []


# --- forged answers --------------------------------------------------------------------------

SAYS = {
    "an unknown format": {"made": {"format": "../x", "size": [1, 1], "mended": []}, "bytes": 4},
    "more than any frame": {"made": {}, "bytes": 10_000_001},
    "less than nothing": {"made": {}, "bytes": -1},
    "no number": {"made": {}, "bytes": "4"},
    "no answer": {"odd": False},
    "an unknown refusal": {"refused": {"problem": "x"}},
}
TAKEN_OVER = """
import socket
pictures = socket.socket(fileno=0)
print('{"landlock": 7}', flush=True)
pictures.recv(64)
print('SAYS\\nfake', end="", flush=True)
pictures.recv(64)
"""


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "made"
    made.mkdir()
    (tmp_path / "source").write_bytes(make_picture("PNG"))
    return made


async def test_a_decoder_cannot_pass_its_frame_for_somebody_elses(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = {"format": "PNG", "size": [400, 400], "mended": [], "digest": "../../x"}
    says = json.dumps({"made": made, "bytes": 4, "odd": False})
    monkeypatch.setattr(process, "PROGRAM", TAKEN_OVER.replace("SAYS", says))
    async with open_frame_maker(workers=1) as maker:
        frame = await maker.make(folder.parent / "source", folder, MODEL)
    assert frame.path.parent == folder
    assert frame.frame.digest == hashlib.sha256(b"fake").hexdigest()


@pytest.mark.parametrize("name", SAYS)
async def test_a_nonsensical_answer_makes_no_frame(
    name: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = TAKEN_OVER.replace("SAYS", json.dumps(SAYS[name]))
    monkeypatch.setattr(process, "PROGRAM", program)
    async with open_frame_maker(workers=1) as maker:
        with pytest.raises(PictureRefused) as caught:
            await maker.make(folder.parent / "source", folder, MODEL)
    assert caught.value.problem is PictureProblem.DAMAGED
    assert names_in(folder) == []


# --- the bot's secrets -----------------------------------------------------------------------

SECRETS = {
    "AWS_SECRET_ACCESS_KEY": "test-aws-secret",
    "HTTPS_PROXY": "http://proxy:test-proxy-password@127.0.0.1:9",
    "PGPASSWORD": "test-pg-password",
}
WITHOUT_CAPABILITIES = [sys.executable, without_capabilities.__file__]


def environment_of(pid: int) -> str:
    """Read a process's environment as another process of this account; empty if that is refused.

    Root reads it without capabilities.
    """
    reader = [*WITHOUT_CAPABILITIES, "cat", f"/proc/{pid}/environ"]
    done = subprocess.run(reader, capture_output=True, text=True, check=False)
    assert done.returncode == 0 or "Permission denied" in done.stderr, done.stderr
    return done.stdout


def environment_of_another(environment: dict[str, str]) -> str:
    """Read the environment of a process that hides nothing, to show that the attack works."""
    command = [*WITHOUT_CAPABILITIES, "sh", "-c", "echo; read nothing"]
    pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, env=environment, **pipes) as another:
        assert another.stdout is not None
        another.stdout.readline()
        return environment_of(another.pid)


def as_root_reads_it(pid: int) -> str:
    """Read a process's environment as root; empty for other accounts."""
    with contextlib.suppress(PermissionError):
        return Path(f"/proc/{pid}/environ").read_text()
    return ""


def children_of(pid: int) -> list[int]:
    return [
        int(child)
        for task in Path(f"/proc/{pid}/task").iterdir()
        for child in (task / "children").read_text().split()
    ]


async def test_no_other_process_of_the_account_reads_the_bots_secrets(
    bot: BotProcess,  # noqa: F811
    discord_: LocalDiscord,  # noqa: F811
    ada: Person,  # noqa: F811
) -> None:
    need_linux("/proc")
    bot.settings |= SECRETS
    bot.program = ("tests.attacks.without_capabilities", sys.executable, "-m", "bot")
    await bot.start()
    await animate(ada)
    await eventually(lambda: bot.states() or None, "a picture that was read")
    hidden = [discord_.token, bot.provider.key, *SECRETS.values()]
    seen = await asyncio.to_thread(environment_of_another, bot.environment())
    assert all(secret in seen for secret in hidden)
    assert await asyncio.to_thread(environment_of, bot.pid) == ""
    workers = await asyncio.to_thread(children_of, bot.pid)
    assert len(workers) == 1
    for worker in workers:
        given = await asyncio.to_thread(as_root_reads_it, worker)
        assert not [secret for secret in hidden if secret in given]


def test_secrets_are_removed_from_the_environment_once_they_are_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    secret = {
        "DISCORD_TOKEN": "test-token",
        "vtrix_api_key": "test-key",
        "DATABASE_URL": "postgresql://flipbook:test-password@db/flipbook",
    }
    for name, value in {**secret, "QUOTA_VIDEOS": "7"}.items():
        monkeypatch.setenv(name, value)
    forget_secrets()
    assert not set(secret.values()) & set(os.environ.values())
    assert os.environ["QUOTA_VIDEOS"] == "7"
