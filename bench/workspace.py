"""A workspace with many readers, whose issue is approved and ready to go."""

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from pprmail.bootstrap import open_app
from pprmail.model.month import Month
from pprmail.model.subscriber import new_public_id
from pprmail.services.assembly import assemble
from pprmail.services.importing import bring_in
from pprmail.services.review import approve
from pprmail.services.workspace import make_workspace
from pprmail.shipped import shipped
from pprmail.sources.entry import Sources
from pprmail.sources.reading import read_sources

MONTH = Month("2026-11")


def approved_workspace(folder: Path, readers: int, host: str, *, summaries: int = 3) -> Path:
    """Make the workspace; readers who match nothing and readers who left are among them."""
    config = make_workspace(
        folder,
        MONTH,
        {
            ("newsletter", "from_email"): "letter@example.org",
            ("newsletter", "postal_address"): "1 Example Street",
            ("newsletter", "base_url"): "https://letter.example.org",
            ("delivery", "sender"): "sendgrid",
            ("delivery", "allowed_recipients"): ["*"],
            ("sendgrid", "api_key"): "SG.bench",
            ("sendgrid", "host"): host,
        },
    )
    app, now = open_app(config), datetime.now(UTC)
    entries = read_sources([shipped("summaries")], app.topics).entries
    chosen = [replace(entry, month=MONTH) for entry in entries[-summaries:]]
    bring_in(app.newsroom, Sources(entries=chosen), who="bench", now=now)
    fill(folder / "pprmail.db", readers, [topic.slug for topic in app.topics.choosable])
    assemble(app.newsroom, MONTH, who="bench", now=now)
    approve(app.newsroom, MONTH, by="bench@example.org", now=now)
    app.close()
    return config


def fill(database: Path, readers: int, topics: list[str]) -> None:
    """Write readers straight into the tables: one in ten follows everything, one in twenty left."""
    draw, at = Random(7), "2026-01-01 00:00:00.000000"
    people = [
        (
            number,
            new_public_id(),
            f"reader{number}@example.org",
            f"reader{number}@example.org",
            f"Reader {number}",
            "ended" if number % 20 == 0 else "active",
            number % 10 == 0,
            ("note", "all", "skip")[number % 3],
        )
        for number in range(1, readers + 1)
    ]
    chosen = [
        (person[0], topic)
        for person in people
        if not person[6]
        for topic in draw.sample(topics, draw.randint(1, 4))
    ]
    connection = sqlite3.connect(database)
    connection.executemany(
        "INSERT INTO subscribers (id, public_id, email, address_key, name, status, follows_all, "
        f"no_match, created_at, updated_at) VALUES (?,?,?,?,?,?,?,?,'{at}','{at}')",
        people,
    )
    connection.executemany(
        f"INSERT INTO preferences (subscriber_id, topic, begun_at) VALUES (?,?,'{at}')",
        chosen,
    )
    connection.commit()
    connection.close()
