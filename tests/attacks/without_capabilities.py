"""Runs a program without capabilities: `python without_capabilities.py PROGRAM ARGUMENTS`.

Root may inspect any process, whatever that process gives up (CAP_SYS_PTRACE; on newer kernels also
CAP_PERFMON and CAP_SYS_ADMIN). Without capabilities, root is an account like any other.
"""

import ctypes
import os
import sys

# Source: linux/prctl.h, linux/capability.h.
_PR_CAPBSET_DROP = 24
_MOST = 64

if __name__ == "__main__":
    # Accounts other than root have no capabilities, and may not drop any either.
    for capability in range(_MOST):
        ctypes.CDLL(None).prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
    os.execvp(sys.argv[1], sys.argv[1:])  # noqa: S606 - the test's own caller
