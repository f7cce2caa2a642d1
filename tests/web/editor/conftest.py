"""Who sits at the desk in these tests. The fixtures of the pages are at hand, too."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pprmail.bootstrap import App
from pprmail.model.editor import Role
from services.staffing import a_staff
from web.editor.at_the_desk import DeskVisitor, an_editor
from web.visiting import an_app


@pytest.fixture
def app(tmp_path: Path, sqlite_url: str) -> Iterator[App]:
    """An app whose passwords are hashed in no time."""
    with an_app(tmp_path, sqlite_url) as app:
        yield replace(app, staff=a_staff(app.database))


@pytest.fixture
def editor(app: App) -> DeskVisitor:
    return an_editor(app)


@pytest.fixture
def admin(app: App) -> DeskVisitor:
    return an_editor(app, Role.ADMIN)
