"""The one place where settings become things, and things are plugged together."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from pprmail.config import Settings, load, masthead_of
from pprmail.errors import ConfigError
from pprmail.model.calendar import MonthlyTime
from pprmail.model.link import SHORTEST_SECRET, Signer
from pprmail.model.subscriber import Subscriber
from pprmail.model.topic import Topics
from pprmail.rendering.letter import Press
from pprmail.rendering.pages import Pages
from pprmail.rendering.service_mail import ServiceMails
from pprmail.rendering.shelf import Shelf
from pprmail.rendering.views import Views
from pprmail.sending.batches import SendGridBatches
from pprmail.sending.envelope import Recaller, Sender
from pprmail.sending.journal import Journal
from pprmail.sending.outbox import Outbox
from pprmail.sending.sendgrid import SendGridSender
from pprmail.sending.smtp import SmtpSender
from pprmail.sending.smtp_talk import Server
from pprmail.sending.suppressions import SendGridSuppressions, Suppressions
from pprmail.sending.webhook import ReportReader
from pprmail.services.announcing import Announcer
from pprmail.services.archive import Archive
from pprmail.services.bounds import Bounds
from pprmail.services.consents import Invite
from pprmail.services.correspondence import Correspondence
from pprmail.services.dispatch.postroom import Postroom, Rules
from pprmail.services.inviting import invite_again
from pprmail.services.leaving import Leavers
from pprmail.services.newsroom import Newsroom
from pprmail.services.passwords import Passwords
from pprmail.services.reader_figures import ReaderFigures
from pprmail.services.retention import Retention
from pprmail.services.signing_up import SignUps
from pprmail.services.staff import Staff
from pprmail.services.tick import Clockwork, Timetable
from pprmail.services.welcoming import Welcoming
from pprmail.shipped import shipped
from pprmail.sources.citation import parse_citation
from pprmail.sources.topics import SHIPPED, read_topics
from pprmail.storage.audit import installation_id
from pprmail.storage.database import Database
from pprmail.storage.schema import ensure_schema
from pprmail.storage.subscribers import topics_followed
from pprmail.storage.summaries import topics_in_use

LEASE_MARGIN = timedelta(seconds=60)


@dataclass(frozen=True)
class App:
    """Everything that a door needs."""

    settings: Settings
    newsroom: Newsroom
    postroom: Postroom
    clockwork: Clockwork
    correspondence: Correspondence
    archive: Archive
    sign_ups: SignUps
    leavers: Leavers
    staff: Staff
    welcoming: Welcoming
    pages: Pages
    signer: Signer
    reports: ReportReader | None
    reader_figures: ReaderFigures

    @property
    def database(self) -> Database:
        """The rows."""
        return self.newsroom.database

    @property
    def topics(self) -> Topics:
        """The fixed list."""
        return self.newsroom.topics

    def close(self) -> None:
        """Give back what was opened."""
        self.leavers.close()
        self.postroom.journal.close()
        self.database.close()


def utc_now() -> datetime:
    """Look at the clock."""
    return datetime.now(UTC)


def open_app(config: Path) -> App:
    """Read a configuration and open everything it names; an empty database is set up."""
    return app_of(load(config))


def app_of(settings: Settings) -> App:
    """Open everything that settings name; an empty database is set up."""
    signer = _signer(settings)
    topics = _topics(settings)
    database = Database.at(settings.database.url, beside=settings.root)
    ensure_schema(database)
    _refuse_lost_topics(database, topics)
    return _plugged(settings, database, topics, signer)


def _plugged(settings: Settings, database: Database, topics: Topics, signer: Signer) -> App:
    masthead = masthead_of(settings)
    shelf = Shelf([settings.root / "templates", shipped("templates")])
    views = Views(masthead, topics, parse_citation)
    newsroom = Newsroom(
        database=database,
        press=Press(shelf, views),
        topics=topics,
        sender=settings.delivery.sender,
        hears_back=bool(settings.sendgrid.webhook_public_key),
    )
    return _furnished(settings, newsroom, shelf, signer)


def _furnished(settings: Settings, newsroom: Newsroom, shelf: Shelf, signer: Signer) -> App:
    postroom, views = _postroom(settings, newsroom, signer), newsroom.press.views
    correspondence = Correspondence(ServiceMails(shelf, views.masthead), signer, views.topics)
    archive = Archive(newsroom, settings.schedule.first_month)
    clockwork = _clockwork(settings, postroom, correspondence.mails)
    pages = Pages(shelf, views)
    sign_ups = SignUps(newsroom.database, correspondence, Bounds(signer), pages.consent)
    return App(
        settings=settings,
        newsroom=newsroom,
        postroom=postroom,
        clockwork=replace(clockwork, invite=_inviting(sign_ups)),
        correspondence=correspondence,
        archive=archive,
        sign_ups=sign_ups,
        leavers=Leavers(newsroom.database),
        staff=Staff.of(newsroom.database, correspondence.mails, signer, Passwords()),
        welcoming=Welcoming(correspondence, archive, clockwork.timetable.send),
        pages=pages,
        signer=signer,
        reports=_reports(settings),
        reader_figures=ReaderFigures(newsroom),
    )


def _postroom(settings: Settings, newsroom: Newsroom, signer: Signer) -> Postroom:
    outbox = Outbox(settings.outbox_directory, utc_now)
    now = utc_now()
    with newsroom.database.write() as session:
        installation = installation_id(session, now=now)
    return Postroom(
        newsroom=newsroom,
        sender=_sender(settings, outbox),
        outbox=outbox,
        journal=Journal(settings.journal_directory, installation),
        signer=signer,
        rules=Rules(
            allowed_recipients=tuple(settings.delivery.allowed_recipients),
            batch_size=_batch_size(settings),
            concurrency=settings.delivery.concurrency,
            recall_window=timedelta(minutes=settings.delivery.recall_window_minutes),
            recalls_doubts=settings.delivery.on_unknown == "recall",
            lease=timedelta(seconds=2 * _timeout(settings)) + LEASE_MARGIN,
        ),
        clock=utc_now,
        sleep=time.sleep,
        recaller=_recaller(settings),
    )


def _recaller(settings: Settings) -> Recaller | None:
    if settings.delivery.sender != "sendgrid" or not settings.delivery.recall_window_minutes:
        return None
    return SendGridBatches(
        api_key=settings.sendgrid.api_key.get_secret_value(),
        host=settings.sendgrid.host,
        timeout=settings.sendgrid.timeout_seconds,
    )


def _batch_size(settings: Settings) -> int:
    return 1 if settings.delivery.sender == "smtp" else settings.delivery.batch_size


def _timeout(settings: Settings) -> float:
    used = settings.smtp if settings.delivery.sender == "smtp" else settings.sendgrid
    return used.timeout_seconds


def _sender(settings: Settings, outbox: Outbox) -> Sender:
    if settings.delivery.sender == "outbox":
        return outbox
    if settings.delivery.sender == "smtp":
        return SmtpSender(_mail_server(settings), utc_now)
    return SendGridSender(
        api_key=settings.sendgrid.api_key.get_secret_value(),
        host=settings.sendgrid.host,
        timeout=settings.sendgrid.timeout_seconds,
    )


def _mail_server(settings: Settings) -> Server:
    given = settings.smtp
    return Server(
        host=given.host,
        port=given.port,
        username=given.username,
        password=given.password.get_secret_value(),
        starttls=given.starttls,
        tls_at_once=given.tls_at_once,
        timeout=given.timeout_seconds,
    )


def _clockwork(settings: Settings, postroom: Postroom, mails: ServiceMails) -> Clockwork:
    schedule = settings.schedule
    timetable = Timetable(
        first_month=schedule.first_month,
        assemble=MonthlyTime.parse(schedule.assemble),
        send=MonthlyTime.parse(schedule.send),
        latest=timedelta(days=schedule.latest_send_days),
    )
    operator = settings.operator.email
    return Clockwork(
        postroom=postroom,
        announcer=Announcer(postroom.newsroom, mails, operator, timetable.send),
        timetable=timetable,
        suppressions=_suppressions(settings),
        retention=Retention.of(**settings.privacy.model_dump()),
    )


def _inviting(sign_ups: SignUps) -> Invite:
    name = sign_ups.correspondence.mails.masthead.name

    def invite(session: Session, reader: Subscriber, now: datetime) -> bool:
        return invite_again(sign_ups, session, reader, invited_by=name, now=now)

    return invite


def _suppressions(settings: Settings) -> Suppressions | None:
    if settings.delivery.sender != "sendgrid":
        return None
    return SendGridSuppressions(
        api_key=settings.sendgrid.api_key.get_secret_value(),
        host=settings.sendgrid.host,
        timeout=settings.sendgrid.timeout_seconds,
    )


def _reports(settings: Settings) -> ReportReader | None:
    key = settings.sendgrid.webhook_public_key
    return ReportReader.of(key) if key else None


def _signer(settings: Settings) -> Signer:
    secret = settings.web.secret_key.get_secret_value()
    previous = [key.get_secret_value() for key in settings.web.previous_secret_keys]
    if min(len(key) for key in (secret, *previous)) < SHORTEST_SECRET:
        raise ConfigError(
            f"a key that signs links needs {SHORTEST_SECRET} characters at least",
            where="[web] secret_key",
            remedy="“pprmail init DIR” makes a workspace with a fresh one",
        )
    return Signer.of(secret, previous)


def _topics(settings: Settings) -> Topics:
    own = settings.root / "topics.toml"
    return read_topics(own if own.exists() else SHIPPED)


def _refuse_lost_topics(database: Database, topics: Topics) -> None:
    with database.read() as session:
        in_use = topics_in_use(session) | topics_followed(session)
    lost = sorted(_unknown(in_use, topics))
    if lost:
        raise ConfigError(
            f"topics are in use that are not listed any more: {', '.join(lost)}",
            where="topics.toml",
            remedy="retire them there (retired = true), or merge them (merged_into = …)",
        )


def _unknown(slugs: Iterable[str], topics: Topics) -> list[str]:
    return [slug for slug in slugs if topics.find(slug) is None]
