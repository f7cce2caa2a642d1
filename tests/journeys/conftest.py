"""The stages that sendings are tortured on: one for each kind of database, made when it is needed."""

from collections.abc import Iterator

import pytest

from pprmail.cli.torture.stage import Stage, sample_stage


@pytest.fixture(scope="session")
def sqlite_stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The sample month, approved, in SQLite."""
    with sample_stage(tmp_path_factory.mktemp("stage"), "sqlite:///any.db") as stage:
        yield stage


@pytest.fixture(scope="session")
def postgres_stage(tmp_path_factory: pytest.TempPathFactory, postgres: str) -> Iterator[Stage]:
    """The sample month, approved, in PostgreSQL."""
    with sample_stage(tmp_path_factory.mktemp("stage"), postgres) as stage:
        yield stage
