"""Stories: what single readers got of an issue, and why."""

from dataclasses import dataclass

from pprmail.model.edition import Edition, name_of
from pprmail.model.issue import Issue
from pprmail.model.personal import Personal
from pprmail.services.newsroom import Newsroom
from pprmail.services.readers import outcome_of
from pprmail.storage.deliveries import first_deliveries
from pprmail.storage.issues import issue_named
from pprmail.storage.tables import Delivery, Request, Subscriber


@dataclass(frozen=True)
class Story:
    """One reader's letter."""

    name: str
    edition: str
    why: str
    outcome: str


def some_stories(newsroom: Newsroom, name: str, *, count: int) -> list[Story]:
    """Tell the story of one reader of each edition, up to a number of readers."""
    with newsroom.database.read() as session:
        issue = issue_named(session, name)
        rows = first_deliveries(session, issue, count=count)
        return [_story(issue, *row) for row in rows]


def _story(
    issue: Issue,
    delivery: Delivery,
    subscriber: Subscriber,
    edition: Edition,
    request: Request | None,
) -> Story:
    personal = Personal(edition.words, edition.mark, issue.topics or [], edition.selection)
    return Story(
        name=subscriber.name or subscriber.email or "erased",
        edition=name_of(edition, issue),
        why=personal.why(delivery.topic_bits),
        outcome=outcome_of(delivery, request),
    )
