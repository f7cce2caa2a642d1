"""Making a sheet with every email on it, as phones, desktops and lesser mail programs show each."""

import sys
from dataclasses import dataclass
from html import escape
from pathlib import Path

from playwright.sync_api import Browser

from browser.browsing import a_browser, chromium
from browser.emails import DESKTOP, PHONE, Look, a_mail_program
from pprmail.rendering.mail import RenderedMail
from rendering.specimens import specimens

FOLDER = Path(__file__).parents[2] / "letters"


@dataclass(frozen=True)
class Way:
    """How the sheet shows each email."""

    name: str
    look: Look
    width: int

    def picture_of(self, name: str) -> str:
        """Name the file of an email's picture."""
        return f"{_file(name)}-{_file(self.name)}.png"


WAYS = (
    Way("phone", Look.LIGHT, PHONE),
    Way("desktop", Look.LIGHT, DESKTOP),
    Way("phone in dark", Look.DARK, PHONE),
    Way("phone in automatic dark", Look.AUTOMATIC_DARK, PHONE),
    Way("desktop without style", Look.UNSTYLED, DESKTOP),
    Way("phone without images", Look.WITHOUT_IMAGES, PHONE),
)
SHEET = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Every email</title>
<style>
body {{ margin: 24px; font: 16px/1.5 sans-serif; color: #222222; background: #dddddd; }}
.row {{ display: flex; gap: 24px; align-items: flex-start; overflow-x: auto; padding-bottom: 24px; }}
figure {{ flex: none; margin: 0; }}
img {{ display: block; border: 1px solid #999999; }}
pre {{ margin: 0; padding: 16px; background: #ffffff; }}
</style>
</head>
<body>
<h1>Every email</h1>
<ul>{contents}</ul>
{emails}
</body>
</html>
"""
ROW = """<h2 id="{file}">{name}: {subject}</h2>
<div class="row">
{pictures}
<figure><figcaption><a href="{file}.html">HTML</a>, <a href="{file}.txt">text</a></figcaption><pre>{text}</pre></figure>
</div>"""


def main() -> None:
    """Write every email, its pictures and the sheet into the folder that is named, or the usual one."""
    path = chromium()
    if path is None:
        sys.exit("pictures need a browser; on Debian and Ubuntu: apt install chromium")
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with a_browser(path) as browser:
        for way in WAYS:
            _take_pictures(browser, folder, way)
    _write_words(folder)
    (folder / "index.html").write_text(_sheet(), encoding="utf-8")


def _take_pictures(browser: Browser, folder: Path, way: Way) -> None:
    with a_mail_program(browser, way.look, width=way.width) as opened:
        for name, mail in specimens().items():
            picture = folder / way.picture_of(name)
            opened(mail.html).screenshot(path=picture, full_page=True)


def _write_words(folder: Path) -> None:
    for name, mail in specimens().items():
        (folder / f"{_file(name)}.html").write_text(mail.html, encoding="utf-8")
        (folder / f"{_file(name)}.txt").write_text(mail.text, encoding="utf-8")


def _sheet() -> str:
    mails = specimens()
    contents = "\n".join(f'<li><a href="#{_file(name)}">{escape(name)}</a></li>' for name in mails)
    emails = "\n".join(_row(name, mail) for name, mail in mails.items())
    return SHEET.format(contents=contents, emails=emails)


def _row(name: str, mail: RenderedMail) -> str:
    return ROW.format(
        file=_file(name),
        name=escape(name),
        subject=escape(mail.subject),
        pictures="\n".join(_figure(name, way) for way in WAYS),
        text=escape(mail.text),
    )


def _figure(name: str, way: Way) -> str:
    picture = f'<img src="{way.picture_of(name)}" width="{way.width}" alt="{escape(name)}">'
    return f"<figure><figcaption>{way.name}</figcaption>{picture}</figure>"


def _file(name: str) -> str:
    return name.replace(" ", "-")


if __name__ == "__main__":
    main()
