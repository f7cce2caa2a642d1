"""An app on a workspace, and a visitor of its pages."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pprmail.bootstrap import App
from web.visiting import Visitor, an_app


@pytest.fixture
def app(tmp_path: Path, sqlite_url: str) -> Iterator[App]:
    with an_app(tmp_path, sqlite_url) as app:
        yield app


@pytest.fixture
def visitor(app: App) -> Visitor:
    return Visitor.of(app)


@pytest.fixture
def app_on_each(tmp_path: Path, database_url: str) -> Iterator[App]:
    """The app on both databases in turn."""
    with an_app(tmp_path, database_url) as app:
        yield app


@pytest.fixture
def visitor_on_each(app_on_each: App) -> Visitor:
    return Visitor.of(app_on_each)
