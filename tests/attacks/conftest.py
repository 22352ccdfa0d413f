"""The attack tests run on both databases, as the storage tests do."""

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
