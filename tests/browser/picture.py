"""Making the README's pictures: the letter to a reader of everything, and the editor's desk."""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, ViewportSize

from browser.browsing import Place, a_browser, chromium, sign_in
from pprmail.bootstrap import open_app
from pprmail.cli.serve import served

PICTURES = Path(__file__).parents[2] / "docs/images"
EDITION = "editions/edition-1-2-3.html"
LETTER: ViewportSize = {"width": 640, "height": 1060}
DESK: ViewportSize = {"width": 1200, "height": 860}


def main() -> None:
    """Play the demo's month, and take a picture of its whole letter, and of the desk."""
    path = chromium()
    if path is None:
        sys.exit("a picture needs a browser; on Debian and Ubuntu: apt install chromium")
    PICTURES.mkdir(exist_ok=True)
    with TemporaryDirectory() as folder, a_browser(path) as browser:
        workspace = Path(folder) / "demo"
        demo = [sys.executable, "-m", "pprmail", "demo", "--dir", str(workspace), "--no-serve"]
        subprocess.run(demo, check=True, stdout=subprocess.DEVNULL)
        _letter(browser, workspace)
        _desk(browser, workspace)


def _letter(browser: Browser, workspace: Path) -> None:
    page = browser.new_page(viewport=LETTER)
    page.goto(f"file://{workspace}/{EDITION}")
    page.screenshot(path=PICTURES / "letter.png")


def _desk(browser: Browser, workspace: Path) -> None:
    app = open_app(workspace / "config.toml")
    place = Place(app, app.newsroom.masthead.base_url, {}, [])
    with served(app), browser.new_context(viewport=DESK) as context:
        page = context.new_page()
        sign_in(page, place)
        page.goto(f"{place.base}/editor/issues/{app.settings.schedule.first_month}/editions")
        page.screenshot(path=PICTURES / "desk.png")
    app.close()


if __name__ == "__main__":
    main()
