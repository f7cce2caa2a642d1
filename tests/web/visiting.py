"""What the tests of the pages share: an app on a workspace, a visitor, letters, and signed reports."""

import json
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from httpx2 import Response
from lxml import html
from sqlalchemy import select, text
from starlette.testclient import TestClient

from making import PaperSender, an_approved_issue
from pprmail.bootstrap import App, open_app, utc_now
from pprmail.model.month import Month
from pprmail.model.personal import filled_in
from pprmail.model.record import Record
from pprmail.model.summary import Summary
from pprmail.sandbox.webhook import Signer as Provider
from pprmail.sending.envelope import Envelope, Recipient
from pprmail.services.changing_address import ask_address
from pprmail.services.dispatch.claim import Claim, claim
from pprmail.services.dispatch.freeze import freeze
from pprmail.services.dispatch.postroom import Rules
from pprmail.services.dispatch.run import Run, send
from pprmail.services.fresh_links import Asked
from pprmail.services.signing_up import Wish
from pprmail.services.workspace import make_workspace
from pprmail.storage.database import Database
from pprmail.storage.tables import Confirmation, ServiceMail
from pprmail.web.site import site

BASE = "https://letter.example.org"
FIRST_MONTH = Month("2026-10")
PROVIDER = Provider()
OWN_PAGE = {"Origin": BASE}
LINK = re.compile(r'href="(https?:[^"]+)"')


@contextmanager
def an_app(folder: Path, database_url: str, **changes: Any) -> Iterator[App]:
    """Open an app on a workspace of its own; `newsletter__base_url="…"` changes a setting."""
    settings: dict[tuple[str, str], Any] = {
        ("newsletter", "base_url"): BASE,
        ("newsletter", "from_email"): "letter@example.org",
        ("newsletter", "postal_address"): "1 Example Street",
        ("database", "url"): database_url,
        ("sendgrid", "webhook_public_key"): PROVIDER.public_key,
    }
    for name, value in changes.items():
        section, _, key = name.partition("__")
        settings[section, key] = value
    app = open_app(make_workspace(folder / "workspace", FIRST_MONTH, settings))
    # A page may show figures later that are not counted at once; tests wait for them.
    app.newsroom.kept.patience = 20.0
    try:
        yield app
    finally:
        app.close()


@dataclass(frozen=True)
class Visitor:
    """Asks for pages as a browser that has no script, follows no redirect and keeps no cookie."""

    client: TestClient

    @classmethod
    def of(cls, app: App, base: str = BASE) -> "Visitor":
        """Make a visitor who came by an address."""
        client = TestClient(
            site(app), base_url=base, follow_redirects=False, raise_server_exceptions=False
        )
        return cls(client)

    def ask(self, method: str, path: str, **how: Any) -> Response:
        """Send a request; give the answer."""
        self.client.cookies.clear()
        return self.client.request(method, path, **how)

    def get(self, path: str, **how: Any) -> Response:
        """Look at a page."""
        return self.ask("GET", path, **how)

    def post(self, path: str, **how: Any) -> Response:
        """Post without coming from any page, as programs do."""
        return self.ask("POST", path, **how)

    def send_form(self, path: str, fields: dict[str, Any]) -> Response:
        """Post a form from a page of the site."""
        return self.ask("POST", path, data=fields, headers=OWN_PAGE)


def page_of(answer: Response) -> Any:
    """Take a page apart."""
    return html.fromstring(answer.text)


def leave_path(app: App, public_id: str) -> str:
    """Give the path that a reader's leave link has."""
    return f"/unsubscribe/{app.signer.leave_token(public_id)}"


def preferences_path(app: App, public_id: str) -> str:
    """Give the path that a reader's newest preferences link has."""
    return f"/preferences/{app.signer.preferences_token(public_id, now=utc_now())}"


def confirm_path(app: App, address: str, *topics: str) -> str:
    """Sign an address up; give the path that its confirm link has."""
    app.sign_ups.ask(Wish(address, topics=topics), network=address, now=utc_now())
    return newest_confirm_path(app)


def newest_confirm_path(app: App) -> str:
    """Give the path of the confirm link that was mailed last."""
    with app.database.read() as session:
        newest = select(Confirmation.public_id).order_by(Confirmation.id.desc()).limit(1)
        return f"/confirm/{app.signer.confirm_token(session.scalars(newest).one())}"


def a_sign_up(app: App, address: str, *topics: str, **fields: str) -> dict[str, Any]:
    """Fill the sign-up form in as a person does, who needs some seconds for it."""
    form = app.signer.form_token(utc_now() - timedelta(seconds=30))
    return {"email": address, "topics": list(topics), "form": form, "website": "", **fields}


def mails_queued(app: App) -> list[ServiceMail]:
    """Give the mails that wait, the oldest first."""
    with app.database.read() as session:
        return list(session.scalars(select(ServiceMail).order_by(ServiceMail.id)))


def owner_path(app: App, public_id: str) -> str:
    """Give the path of the link that a reader gets by mail on request."""
    return f"/preferences/{app.signer.owner_token(public_id, now=utc_now())}"


def confirm_address_path(app: App, public_id: str, address: str) -> str:
    """Ask for a new address; give the path of the link that is mailed there."""
    asked = Asked(client="a test", now=utc_now())
    ask_address(app.sign_ups, public_id, address, asked=asked)
    with app.database.read() as session:
        newest = select(Confirmation.public_id).order_by(Confirmation.id.desc())
        name = session.scalars(newest).first()
    return f"/confirm-address/{app.signer.confirm_token(name or '')}"


def digest_of_rows(database: Database) -> str:
    """Give one digest of every row of every table."""
    names = [table.name for table in Record.metadata.sorted_tables]
    with database.read() as session:
        tables = {n: [tuple(r) for r in session.execute(text(f"SELECT * FROM {n}"))] for n in names}
    whole = {name: sorted(map(repr, rows)) for name, rows in tables.items()}
    return sha256(json.dumps(whole).encode()).hexdigest()


def publish(app: App, *summaries: Summary) -> list[Envelope]:
    """Approve and send the issue of these summaries; give what was handed over."""
    return handed_over(app, an_approved_issue(app.newsroom, *summaries))


def handed_over(app: App, name: str) -> list[Envelope]:
    """Send an issue that is approved; give what was handed over."""
    sender = PaperSender()
    send(_postroom(app, sender), name, who="test", run=Run())
    return sender.envelopes


def begin(app: App, *summaries: Summary) -> int:
    """Approve and freeze the issue of these summaries; give the issue's number."""
    name = an_approved_issue(app.newsroom, *summaries)
    return freeze(_postroom(app, PaperSender()), name, who="test", now=utc_now()).id


def claimed(app: App, issue_id: int) -> Claim | None:
    """Claim the next request of an issue that is being sent."""
    return claim(_postroom(app, PaperSender()), issue_id, now=utc_now())


def links_of(envelope: Envelope, recipient: Recipient) -> list[str]:
    """List every web address in one reader's letter and its headers."""
    letter = filled_in(envelope.html, recipient.values)
    header = recipient.headers["List-Unsubscribe"].strip("<>")
    return sorted({header, *LINK.findall(letter)})


def report(visitor: Visitor, events: Sequence[object], **headers: str) -> Response:
    """Post events as the provider does: signed over the raw bytes."""
    return post_report(visitor, json.dumps(events).encode() + b"\r\n", **headers)


def post_report(visitor: Visitor, body: bytes, **headers: str) -> Response:
    """Post raw bytes as a signed report."""
    signed = PROVIDER.headers(body, timestamp=int(time.time())) | headers
    return visitor.post("/hooks/sendgrid", content=body, headers=signed)


def _postroom(app: App, sender: PaperSender) -> Any:
    rules = Rules(("*",), batch_size=1, concurrency=1, lease=app.postroom.rules.lease)
    return replace(app.postroom, sender=sender, rules=rules, sleep=lambda _: None)
