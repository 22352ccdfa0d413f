"""Startup imports only what it needs."""

import subprocess
import sys

import pytest

# Each takes 0.1 to 0.5 s to import, and most starts need none of them.
LATER = ("av", "alembic", "obstore", "asyncpg", "rich", "sandbox")


@pytest.mark.parametrize("module", ["bot.app.run", "bot.cli"])
def test_a_start_imports_nothing_that_it_does_not_need(module: str) -> None:
    program = f"import sys, {module}; print(*(set(sys.modules) & set({LATER})))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == []
