"""The list of mutants stays in step with the code."""

import pytest

from tests.mutants import MUTANTS, ROOT, Mutant


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.words)
def test_each_text_of_a_mutant_is_in_its_file_exactly_once(mutant: Mutant) -> None:
    text = (ROOT / mutant.file).read_text(encoding="utf-8")
    for old, new in mutant.changes:
        assert text.count(old) == 1, old
        assert old != new
        text = text.replace(old, new)
    compile(text, mutant.file, "exec")
