"""Drops privileges of a process, to limit what an attacker on the same machine or in it gains.

On systems other than Linux, these functions do nothing.

Landlock is used through `landlockpy`, which is typed, has no dependencies and knows every version
of Landlock up to 11. `py-landlock` has more code but knows only versions up to 7, so UDP (version
10) and Unix sockets (9) would stay open on kernels that can close them.
"""

import ctypes
import sys

# Source: linux/prctl.h.
_PR_SET_DUMPABLE = 4
_PR_SET_NO_NEW_PRIVS = 38
# The version of Landlock since which the kernel can close each of these.
# Source: the kernel's Documentation/userspace-api/landlock.rst.
CLOSED_SINCE = {"files": 1, "TCP": 4, "signals": 6, "Unix sockets": 9, "UDP": 10}


class NotConfined(Exception):
    """The process could not be confined; the message says why."""


def hide_memory() -> None:
    """Keep other processes of this account from reading this one's memory and environment.

    It also prevents core dumps. Root can still read everything, and so can others with programs
    that this process starts, including their environment.
    """
    _prctl(_PR_SET_DUMPABLE, 0)


def confine() -> int:
    """Give up files that are not open yet, the network and signals, as far as the kernel can.

    It applies to this thread and those that it starts, so call it before there are others. It
    cannot be undone. The kernel also keeps a confined process from inspecting any other one.

    Returns:
        The version of Landlock, which determines what was given up (``CLOSED_SINCE``).

    Raises:
        NotConfined: only new privileges from set-user-ID programs and the like were given up.
    """
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    try:
        from landlockpy import LandlockError, Ruleset, Scope
    except ImportError as error:
        raise NotConfined("landlockpy is not installed") from error
    try:
        # A ruleset without rules refuses everything that this kernel can refuse.
        with Ruleset(scoped=Scope.ABSTRACT_UNIX_SOCKET | Scope.SIGNAL) as ruleset:
            ruleset.restrict()
            version: int = ruleset.abi_version
    except LandlockError as error:
        raise NotConfined(f"Landlock is not available here: {error.strerror}") from error
    return version


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)
