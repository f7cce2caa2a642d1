"""Making the README's picture: the letter to a reader of everything, as a browser shows it."""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import ViewportSize

from browser.browsing import a_browser, chromium

PICTURE = Path(__file__).parents[2] / "docs/images/letter.png"
EDITION = "editions/edition-1-2-3.html"
SIZE: ViewportSize = {"width": 640, "height": 1060}


def main() -> None:
    """Play the demo's month, and take a picture of the upper part of its whole letter."""
    path = chromium()
    if path is None:
        sys.exit("a picture needs a browser; on Debian and Ubuntu: apt install chromium")
    with TemporaryDirectory() as folder, a_browser(path) as browser:
        demo = [sys.executable, "-m", "pprmail", "demo", "--dir", f"{folder}/demo", "--no-serve"]
        subprocess.run(demo, check=True, stdout=subprocess.DEVNULL)
        page = browser.new_page(viewport=SIZE)
        page.goto(f"file://{folder}/demo/{EDITION}")
        PICTURE.parent.mkdir(exist_ok=True)
        page.screenshot(path=PICTURE)


if __name__ == "__main__":
    main()
