"""Renders letters in a process of its own, and prints what it opened or connected to meanwhile.

An audit hook can't be taken away again, so that it must not be set in the tests' own process.
"""

import json
import sys
import tempfile
from pathlib import Path

from making import MASTHEAD, a_press, a_summary, an_issue
from pprmail.errors import PprmailError
from pprmail.rendering import inliner
from pprmail.rendering.service_mail import ServiceMails
from pprmail.rendering.shelf import Shelf
from pprmail.shipped import shipped
from rendering.letters import a_full_issue, a_press_with
from rendering.specimens import OCCASIONS

AWAY = "http://127.0.0.1:9/x.css"
FILE = "file:///etc/hostname"
STYLES = [
    f"@import url({AWAY});",
    f"@import url({FILE});",
    f"@IMPORT '{FILE}';",
    f"@\\69mport url({FILE});",
    f"@im\\port '{AWAY}';",
    f"/* */@import/* */'{FILE}'/* */;",
    f"p {{ background: url({AWAY}) }}",
    f"p {{ background: url({FILE}) }}",
    f"@font-face {{ font-family: a; src: url({FILE}) }}",
    f"@namespace a url({FILE});",
]
PIECES = [
    f"<style>@import url({FILE});</style>",
    f"<link rel=stylesheet href={AWAY}>",
    f"<img src={AWAY}> ![x]({AWAY}) ![x]({FILE})",
    f"<p style='background: url({FILE})'>",
    f"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY y SYSTEM '{FILE}'>]><x>&y;</x>",
    f"<xi:include href='{FILE}'/>",
    f"{{% include '{FILE}' %}} {{{{ open('/etc/hostname').read() }}}}",
]
WATCHED = ("open", "socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.listdir")

MAILS = ServiceMails(Shelf([shipped("templates")]), MASTHEAD)

seen: list[str] = []


def main() -> None:
    """Render as much as is needed to have everything imported, then watch."""
    with tempfile.TemporaryDirectory() as name:
        workspace = Path(name)
        a_press_with(workspace).edition(a_full_issue(), 7)
        for occasion in OCCASIONS.values():
            MAILS.write(occasion)
        refuse(STYLES[0], workspace)
        known = (name, str(shipped("templates")))
        sys.addaudithook(lambda event, arguments: note(event, arguments, known))
        render_everything(workspace)
        found = list(seen)
        with Path("/dev/null").open():
            pass
    print(json.dumps({"seen": found, "hook_works": len(seen) > len(found)}))  # noqa: T201 - its answer


def note(event: str, arguments: tuple[object, ...], known: tuple[str, ...]) -> None:
    """Keep an event, unless it is the opening of a template."""
    if event in WATCHED and not str(arguments[0]).startswith(known):
        seen.append(f"{event} {arguments[0]}")


def render_everything(workspace: Path) -> None:
    """Render content and styles that ask for more than there is."""
    for piece in PIECES:
        summary = a_summary(f"T {piece}?", body=piece, citation=piece, implications=piece)
        a_press().edition(an_issue(summary, introduction=piece, notices=piece), 1)
    for occasion in OCCASIONS.values():
        MAILS.write(occasion)
    for style in STYLES:
        refuse(style, workspace)
        # Behind the fence's own check, too, nothing is opened.
        inliner._premailer(f"<html><style>{style}</style><p>x</p></html>").transform()


def refuse(style: str, workspace: Path) -> None:
    """Render with a workspace's own style, which may be refused."""
    base = (shipped("templates") / "email" / "base.html").read_text()
    own = workspace / "email" / "base.html"
    own.parent.mkdir(exist_ok=True)
    own.write_text(base.replace("<style>", f"<style>\n{style}\n"))
    try:
        a_press_with(workspace).edition(an_issue(a_summary()), 1)
    except PprmailError:
        return


if __name__ == "__main__":
    main()
