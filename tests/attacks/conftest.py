"""Attacks run on both databases, as the tests of the storage do."""

from tests.storage.conftest import (  # noqa: F401 - fixtures
    any_url,
    clock,
    database,
    postgres_template,
    postgres_url,
    store,
    template,
    url,
)
