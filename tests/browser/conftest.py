"""One browser and one site for all tests of this folder."""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from browser.browsing import Place, a_browser, a_place, chromium


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium()
    if path is None:
        missing = "no Chromium: install one, or name it in PPRMAIL_CHROMIUM"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    with a_browser(path) as browser:
        yield browser


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with a_place(tmp_path_factory.mktemp("site")) as place:
        yield place
