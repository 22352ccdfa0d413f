"""Runs one program that must not outlive its caller: `python child_guard.py PROGRAM …`.

When the other end of standard input closes, because the caller has ended or was killed, the program
gets SIGTERM, and SIGKILL if it does not end. The program knows nothing of the guard. This file runs
on its own, by its path, so it imports only the standard library.
"""

import os
import signal
import subprocess
import sys
import threading

# `flipbook run` ends by itself within 20 s of SIGTERM.
PATIENCE_SECONDS = 22.0


def main(command: list[str]) -> int:
    """Run the command; return its exit code, or 128 plus the signal that ended it."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    program = subprocess.Popen(command, stdin=subprocess.DEVNULL)  # noqa: S603 - our own caller's
    for watch in (_until_let_go, _end):
        threading.Thread(target=watch, args=(stop, program), daemon=True).start()
    code = program.wait()
    return code if code >= 0 else 128 - code


def _until_let_go(stop: threading.Event, _: object) -> None:
    while os.read(0, 1):
        pass
    stop.set()


def _end(stop: threading.Event, program: subprocess.Popen[bytes]) -> None:
    stop.wait()
    program.terminate()
    try:
        program.wait(PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        program.kill()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
