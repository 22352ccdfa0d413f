"""Runs a program without any capability: `python without_capabilities.py PROGRAM ARGUMENTS`.

Root may look into any process, whatever that gives up (CAP_SYS_PTRACE, for newer kernels also
CAP_PERFMON and CAP_SYS_ADMIN). Without its capabilities it is an account like any other.
"""

import ctypes
import os
import sys

# Source: linux/prctl.h, linux/capability.h.
_PR_CAPBSET_DROP = 24
_MOST = 64

if __name__ == "__main__":
    # Who is not root has none, and may not drop any either.
    for capability in range(_MOST):
        ctypes.CDLL(None).prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
    os.execvp(sys.argv[1], sys.argv[1:])  # noqa: S606 - the test's own caller
