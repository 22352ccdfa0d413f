"""Column types for values of the domain, the same for every database."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, Generic, TypeVar

from sqlalchemy import BigInteger, ColumnElement, String, Text, literal_column
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from bot.domain.money import Usd

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

E = TypeVar("E", bound=StrEnum)


class Moment(TypeDecorator[datetime]):
    """An aware datetime as whole microseconds since 1970 (UTC): exact, and sorted by number."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime without a time zone cannot be stored")
        return (value - EPOCH) // _MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else EPOCH + timedelta(microseconds=value)


class Money(TypeDecorator[Usd]):
    """US dollars as whole millionths."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Usd | None, dialect: Dialect) -> int | None:
        return None if value is None else value.micros

    def process_result_value(self, value: int | None, dialect: Dialect) -> Usd | None:
        # PostgreSQL's sum of bigints is a numeric.
        return None if value is None else Usd(int(value))


class Word(TypeDecorator[E], Generic[E]):
    """A string enum, stored by its value."""

    impl = String(16)
    cache_ok = True

    def __init__(self, words: type[E]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: E | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        return str(value if isinstance(value, self.words) else self.words(value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> E | None:
        return None if value is None else self.words(value)


def one_of(column: ColumnElement[E], *words: E) -> ColumnElement[bool]:
    """Return the condition that a column has one of these words, which never change.

    For statements that are built once. The words are written into the statement, since each
    parameter costs time at each execution, and they are the program's own.
    """
    return column.in_([literal_column(f"'{word.value}'", column.type) for word in words])


class ExactDecimal(TypeDecorator[Decimal]):
    """A decimal as text, since SQLite would turn it into a float."""

    impl = String(40)
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


class Ids(TypeDecorator[frozenset[int]]):
    """A set of snowflakes as a sorted JSON list."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: frozenset[int] | None, dialect: Dialect) -> str | None:
        return None if value is None else json.dumps(sorted(value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> frozenset[int] | None:
        return None if value is None else frozenset(json.loads(value))


class Words(TypeDecorator[tuple[str, ...]]):
    """A few short words in order, as a JSON list."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str | None:
        return None if value is None else json.dumps(list(value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...] | None:
        return None if value is None else tuple(json.loads(value))


class Details(TypeDecorator[Mapping[str, Any]]):
    """A few named values, as a JSON object."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Mapping[str, Any] | None, dialect: Dialect) -> str | None:
        return None if value is None else json.dumps(dict(value), ensure_ascii=False)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Mapping[str, Any] | None:
        return None if value is None else dict(json.loads(value))
