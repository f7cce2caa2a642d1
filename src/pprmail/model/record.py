"""What every stored noun shares: the names of constraints, and instants in UTC."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import JSON, DateTime, Dialect, Enum, MetaData
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

NAMES: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Instant(TypeDecorator[datetime]):
    """A moment, always with its zone: stored in UTC, refused without a zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _: Dialect) -> datetime | None:
        """Store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _: Dialect) -> datetime | None:
        """Give UTC back."""
        if value is None:
            return None
        # SQLite gives the instant back without the zone it was stored in.
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _spelled(states: type[StrEnum]) -> list[str]:
    return [state.value for state in states]


class Record(DeclarativeBase):
    """A stored noun. Enumerations are kept as their words, so that new ones need no migration."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {
        datetime: Instant(),
        dict[str, Any]: JSON(),
        dict[str, str]: JSON(),
        list[str]: JSON(),
        StrEnum: Enum(
            StrEnum,
            native_enum=False,
            create_constraint=False,
            length=32,
            values_callable=_spelled,
        ),
    }
