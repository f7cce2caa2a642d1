"""Who sits at the desk in these tests. The fixtures of the pages are at hand, too."""

import pytest

from pprmail.bootstrap import App
from pprmail.model.editor import Role
from web.editor.at_the_desk import DeskVisitor, an_editor


@pytest.fixture
def editor(app: App) -> DeskVisitor:
    return an_editor(app)


@pytest.fixture
def admin(app: App) -> DeskVisitor:
    return an_editor(app, Role.ADMIN)
