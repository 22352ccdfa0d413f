"""The list of mutants stays in step with the code."""

import pytest

from tests.mutants import MUTANTS, ROOT, Mutant


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.words)
def test_what_it_takes_away_is_there_exactly_once(mutant: Mutant) -> None:
    text = (ROOT / mutant.file).read_text(encoding="utf-8")
    for old, new in mutant.changes:
        assert text.count(old) == 1, old
        assert old != new
        text = text.replace(old, new)
    compile(text, mutant.file, "exec")
