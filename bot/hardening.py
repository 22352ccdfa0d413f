"""What a process gives up, so that a neighbor or a decoder that was taken over gains little.

Linux only; elsewhere nothing is given up, and nothing fails.

Landlock is reached through `landlockpy`: typed, without dependencies, and it knows every version
of Landlock up to 11. `py-landlock` does the same with more code, but knows version 7 as the last,
so that UDP (version 10) and Unix sockets (9) would stay open on kernels that can close them.
"""

import ctypes
import sys

# Source: linux/prctl.h.
_PR_SET_DUMPABLE = 4
_PR_SET_NO_NEW_PRIVS = 38
# By which version of Landlock the kernel can close what.
# Source: the kernel's Documentation/userspace-api/landlock.rst.
CLOSED_SINCE = {"files": 1, "TCP": 4, "signals": 6, "Unix sockets": 9, "UDP": 10}


class NotConfined(Exception):
    """The kernel, or what is installed, does not allow it; the message says why."""


def hide_memory() -> None:
    """Keep other processes of this account from reading this one's memory and environment.

    It leaves no core dump either. Root still reads everything, and programs that this process
    starts are readable again: what they are given in their environment is theirs to hide.
    """
    _prctl(_PR_SET_DUMPABLE, 0)


def confine() -> int:
    """Give up all files that are not open yet, the network and all signals, as far as it goes.

    Only for this thread and those that it starts: call it before there are others. It cannot be
    taken back. The kernel also keeps a confined process from looking into any other one.

    Returns:
        The version of Landlock, which says how much was given up (``CLOSED_SINCE``).

    Raises:
        NotConfined: only privileges that a program's file grants are given up.
    """
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    try:
        from landlockpy import LandlockError, Ruleset, Scope
    except ImportError as error:
        raise NotConfined("landlockpy is not installed") from error
    try:
        # Without rules: whatever this kernel can refuse is refused.
        with Ruleset(scoped=Scope.ABSTRACT_UNIX_SOCKET | Scope.SIGNAL) as ruleset:
            ruleset.restrict()
            version: int = ruleset.abi_version
    except LandlockError as error:
        raise NotConfined(f"Landlock is not available here: {error.strerror}") from error
    return version


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)
