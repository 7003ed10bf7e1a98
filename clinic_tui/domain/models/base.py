"""What all tables share: an instant that is always UTC, choices with a named check, sweeping."""

from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import (
    JSON,
    BigInteger,
    Date,
    DateTime,
    Dialect,
    Enum,
    MetaData,
    Table,
    Text,
    TypeDecorator,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

from ..patients.personal import Numbered, Written, remember

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: refuses naive datetimes and gives aware UTC back on both databases.

    SQLite has no such type and its usual text loses the zone, so that the two 01:30s of an
    autumn night come back equal; there it is a whole number of microseconds since 1970.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """BIGINT on SQLite, TIMESTAMPTZ elsewhere."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(BigInteger())
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """To the database."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime without a zone cannot be stored")
        return (value - _EPOCH) // _MICROSECOND if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """From the database."""
        if value is None:
            return None
        if dialect.name == "sqlite":
            return _EPOCH + timedelta(microseconds=value)
        stored: datetime = value
        return stored.astimezone(UTC)


KEY = Text().with_variant(Text(collation="C"), "postgresql")
"""Text compared byte by byte, so that an index serves “begins with” in every locale."""


class PersonalText(TypeDecorator[str]):
    """A person's name or number: what is read of it can be hidden on screens."""

    impl = Text
    cache_ok = True

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """From the database."""
        if value:
            remember(value)
        return value


class PersonalKey(TypeDecorator[str]):
    """A person's record number: what is read of it can be hidden on screens."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:  # noqa: ARG002
        """As ``KEY`` is."""
        return KEY

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """From the database."""
        if value:
            remember(Numbered(value))
        return value


class PersonalNote(TypeDecorator[str]):
    """What was written about a person: what is read of it can be hidden on screens."""

    impl = Text
    cache_ok = True

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """From the database."""
        if value:
            remember(Written(value))
        return value


class PersonalDate(TypeDecorator[date]):
    """A birth date: what is read of it can be hidden on screens."""

    impl = Date
    cache_ok = True

    def process_result_value(self, value: date | None, dialect: Dialect) -> date | None:  # noqa: ARG002
        """From the database."""
        if value is not None:
            remember(value)
        return value


def choice(kind: type[StrEnum], name: str) -> Enum:
    """Text with a named check, so that both databases refuse an unknown code alike."""
    return Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        length=24,
        name=name,
        values_callable=lambda members: [member.value for member in members],
    )


class Base(DeclarativeBase):
    """The tables of one clinic."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - read once by SQLAlchemy, never changed
        str: Text(),
        datetime: UtcDateTime(),
        dict[str, Any]: JSON(),
    }


def table(entity: type[Base]) -> Table:
    """The table of a model: the hot paths speak Core, which costs half of what the ORM does."""
    return cast("Table", entity.__table__)


class epoch_seconds(FunctionElement[int]):  # noqa: N801 - named like the SQL function it is
    """An instant as whole seconds since 1970, so that many rows can be swept as plain numbers."""

    inherit_cache = True
    type = BigInteger()


@compiles(epoch_seconds, "sqlite")
def _seconds_in_sqlite(element: epoch_seconds, compiler: SQLCompiler, **options: Any) -> str:
    return f"({compiler.process(element.clauses, **options)} / 1000000)"


@compiles(epoch_seconds, "postgresql")
def _seconds_in_postgresql(element: epoch_seconds, compiler: SQLCompiler, **options: Any) -> str:
    # EXTRACT would count in decimals, at three times the cost.
    return f"CAST(date_part('epoch', {compiler.process(element.clauses, **options)}) AS BIGINT)"
