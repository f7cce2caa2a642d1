"""Making what tests work with: real objects, short to write down."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from pprmail.model.audience import MONTHLY, NoMatch
from pprmail.model.issue import Issue, IssueKind, IssueState, IssueSummary
from pprmail.model.link import Signer
from pprmail.model.masthead import Brand, Masthead
from pprmail.model.month import Month
from pprmail.model.slug import slug_of
from pprmail.model.subscriber import (
    Consent,
    ConsentKind,
    Subscriber,
    SubscriberStatus,
    address_key,
    new_public_id,
)
from pprmail.model.summary import Summary, TextFormat
from pprmail.model.topic import Topics
from pprmail.rendering.letter import Press
from pprmail.rendering.shelf import Shelf
from pprmail.rendering.views import Views
from pprmail.sending.envelope import Answer, Envelope, Receipt, Sender
from pprmail.sending.journal import Journal
from pprmail.sending.outbox import Outbox
from pprmail.services.assembly import assemble
from pprmail.services.dispatch.postroom import Postroom, Rules
from pprmail.services.newsroom import Newsroom
from pprmail.services.review import approve
from pprmail.shipped import shipped
from pprmail.sources.citation import parse_citation
from pprmail.sources.topics import read_topics
from pprmail.storage.database import Database

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
MONTH = Month("2026-11")
TOPICS: Topics = read_topics()
ALLIANCE = "alliance-and-therapeutic-relationship"
TRAINING = "training"
EMPATHY = "empathy"
TRAUMA = "trauma-and-or-ptsd"

MASTHEAD = Masthead(
    name="The Practice Research Letter",
    from_name="The Practice Research Letter",
    from_email="letter@example.org",
    reply_to="editor@example.org",
    postal_address="Practice Research Network\n1 Example Street\nOttawa ON",
    base_url="https://letter.example.org",
    zone=ZoneInfo("America/Toronto"),
    list_id="letter.example.org",
    brand=Brand(accent="#1f5f5b", text="#22272b", background="#f4f1ea", logo_url=""),
)
SIGNER = Signer.of("a secret that is long enough to sign the links of readers")


def a_summary(title: str = "A Question About Alliance?", **changed: object) -> Summary:
    """Make a summary that nothing is wrong with; not stored."""
    topics = changed.pop("topics", [ALLIANCE])
    fields: dict[str, object] = {
        "month": MONTH,
        "slug": slug_of(title),
        "title": title,
        "citation": "Doe, J. (2021). A study of something. Journal of Studies, 5(2), 10–20.",
        "doi": "10.1000/xyz123",
        "type_of_research": "Meta-analysis",
        "in_brief": None,
        "author": None,
        "body": "Some words about what was found. " * 20,
        "implications": "What a clinician may do with it. " * 8,
        "text_format": TextFormat.MARKDOWN,
        "source_name": None,
        "created_at": NOW,
        "updated_at": NOW,
    }
    summary = Summary(**(fields | changed))
    summary.topics = list(topics) if isinstance(topics, list | tuple) else []
    return summary


def an_issue(*summaries: Summary, **changed: object) -> Issue:
    """Make a draft that holds these summaries; not stored."""
    fields: dict[str, object] = {
        "name": MONTH,
        "kind": IssueKind.MONTHLY,
        "month": MONTH,
        "state": IssueState.DRAFT,
        "subject": None,
        "preheader": None,
        "introduction": "",
        "notices": "",
        "audience": MONTHLY,
        "created_at": NOW,
        "updated_at": NOW,
    }
    issue = Issue(**(fields | changed))
    issue.entries = [IssueSummary(summary=s, position=n) for n, s in enumerate(summaries)]
    return issue


def a_press(masthead: Masthead = MASTHEAD, topics: Topics = TOPICS) -> Press:
    """Make a press with the shipped templates."""
    return Press(Shelf([shipped("templates")]), Views(masthead, topics, parse_citation))


def a_newsroom(database: Database, **changed: object) -> Newsroom:
    """Make a newsroom."""
    newsroom = Newsroom(
        database=database, press=a_press(), topics=TOPICS, sender="sendgrid", hears_back=True
    )
    return replace(newsroom, **changed)  # type: ignore[arg-type]


def stored(database: Database, *summaries: Summary) -> list[str]:
    """Store summaries; give their slugs."""
    slugs = [summary.slug for summary in summaries]
    with database.write() as session:
        session.add_all(summaries)
    return slugs


def a_reader(
    database: Database,
    address: str,
    *topics: str,
    name: str | None = None,
    no_match: NoMatch = NoMatch.NOTE,
    status: SubscriberStatus = SubscriberStatus.ACTIVE,
    agreed_at: datetime | None = NOW,
) -> str:
    """Store a reader who follows these topics, or everything; give the public id."""
    public_id, kind = new_public_id(), ConsentKind.EXPRESS
    reader = Subscriber(
        public_id=public_id,
        email=address,
        address_key=address_key(address),
        name=name,
        status=status,
        follows_all=True,
        no_match=no_match,
        created_at=NOW,
        updated_at=NOW,
        preferences=[],
        consents=[
            Consent(at=at, how="test", kind=kind, wording="test", recorded_at=at)
            for at in (agreed_at,)
            if at
        ],
    )
    reader.follow(list(topics), now=NOW)
    with database.write() as session:
        session.add(reader)
    return public_id


def an_approved_issue(newsroom: Newsroom, *summaries: Summary) -> str:
    """Store summaries, assemble their month and approve it; give the issue's name."""
    month = Month(summaries[0].month)
    stored(newsroom.database, *summaries)
    assemble(newsroom, month, who="test", now=NOW)
    approve(newsroom, month, by="editor@example.org", now=NOW)
    return month


@dataclass
class PaperSender:
    """A sender that keeps what it is handed, and answers as it is told; accepted by default."""

    answers: list[Receipt] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)
    before_answer: Callable[[Envelope], None] = lambda _: None

    def send(self, envelope: Envelope) -> Receipt:
        """Take an envelope."""
        self.envelopes.append(envelope)
        self.before_answer(envelope)
        return self.answers.pop(0) if self.answers else Receipt(Answer.ACCEPTED, "", 202, "id")

    @property
    def addresses(self) -> list[str]:
        """Every address that a letter was handed over for."""
        return [r.email for envelope in self.envelopes for r in envelope.recipients]


def a_postroom(
    newsroom: Newsroom,
    folder: Path,
    sender: Sender | None = None,
    *,
    allowed: Sequence[str] = ("*",),
    batch_size: int = 1000,
    concurrency: int = 1,
) -> Postroom:
    """Make a postroom whose clock stands and who never sleeps; without a sender, a rehearsal."""
    outbox = Outbox(folder / "outbox", lambda: NOW)
    return Postroom(
        newsroom=newsroom,
        sender=sender or outbox,
        outbox=outbox,
        journal=Journal(folder / "journal", "test-installation"),
        signer=SIGNER,
        rules=Rules(tuple(allowed), batch_size, concurrency, lease=timedelta(minutes=2)),
        clock=lambda: NOW,
        sleep=lambda _: None,
    )
