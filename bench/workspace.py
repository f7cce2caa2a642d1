"""A workspace with many readers, whose issue is approved and ready to go."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import insert

from pprmail.bootstrap import open_app
from pprmail.model.audience import NoMatch
from pprmail.model.month import Month
from pprmail.model.subscriber import SubscriberStatus, new_public_id
from pprmail.services.assembly import assemble
from pprmail.services.importing import bring_in
from pprmail.services.review import approve
from pprmail.services.workspace import make_workspace
from pprmail.shipped import shipped
from pprmail.sources.entry import Sources
from pprmail.sources.reading import read_sources
from pprmail.storage.database import Database
from pprmail.storage.tables import Preference, Subscriber

MONTH = Month("2026-11")


def approved_workspace(
    folder: Path, readers: int, host: str, *, summaries: int = 3, **changed: Any
) -> Path:
    """Make the workspace; readers who match nothing and readers who left are among them.

    `database__url="…"` changes a setting.
    """
    config = make_workspace(
        folder,
        MONTH,
        {
            ("newsletter", "from_email"): "letter@example.org",
            ("newsletter", "postal_address"): "1 Example Street",
            ("newsletter", "base_url"): "https://letter.example.org",
            ("delivery", "sender"): "sendgrid",
            ("delivery", "recall_window_minutes"): 0,
            ("delivery", "allowed_recipients"): ["*"],
            ("sendgrid", "api_key"): "SG.bench",
            ("sendgrid", "host"): host,
            **{(name.split("__")[0], name.split("__")[1]): changed[name] for name in changed},
        },
    )
    app, now = open_app(config), datetime.now(UTC)
    entries = read_sources([shipped("summaries")], app.topics).entries
    chosen = [replace(entry, month=MONTH) for entry in entries[-summaries:]]
    bring_in(app.newsroom, Sources(entries=chosen), who="bench", now=now)
    fill(app.database, readers, [topic.slug for topic in app.topics.choosable])
    assemble(app.newsroom, MONTH, who="bench", now=now)
    approve(app.newsroom, MONTH, by="bench@example.org", now=now)
    app.close()
    return config


def fill(database: Database, readers: int, topics: list[str]) -> None:
    """Write readers straight into the tables: one in ten follows everything, one in twenty left."""
    draw, at = Random(7), datetime(2026, 1, 1, tzinfo=UTC)
    people = [
        {
            "id": number,
            "public_id": new_public_id(),
            "email": f"reader{number}@example.org",
            "address_key": f"reader{number}@example.org",
            "name": f"Reader {number}",
            "status": SubscriberStatus.ENDED if number % 20 == 0 else SubscriberStatus.ACTIVE,
            "follows_all": number % 10 == 0,
            "no_match": (NoMatch.NOTE, NoMatch.ALL, NoMatch.SKIP)[number % 3],
            "created_at": at,
            "updated_at": at,
        }
        for number in range(1, readers + 1)
    ]
    chosen = [
        {"subscriber_id": person["id"], "topic": topic, "begun_at": at}
        for person in people
        if not person["follows_all"]
        for topic in draw.sample(topics, draw.randint(1, 4))
    ]
    with database.write() as session:
        session.execute(insert(Subscriber), people)
        session.execute(insert(Preference), chosen)
