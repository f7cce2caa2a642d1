"""Suppressions: once a night, whom the provider writes to no more is learned from its own lists.

Its reports come by the webhook, but are lost for good if nobody takes them for a day.
"""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

import structlog

from pprmail.errors import PprmailError
from pprmail.model.calendar import last_night
from pprmail.model.subscriber import address_key
from pprmail.sending.suppressions import LISTS, ListUnreadError, Suppressions
from pprmail.services.dispatch.postroom import Postroom
from pprmail.storage.audit import note
from pprmail.storage.chores import last_done, mark_done, take_on
from pprmail.storage.database import Database
from pprmail.storage.subscribers import subscribers_for_change

log = structlog.get_logger()

CHORE: Final = "suppressions"
OVERLAP: Final = timedelta(days=1)
"""So far a pull looks back behind the last one: the provider's clock is not ours, and what it
lists may come late."""


def pull_once_a_night(
    postroom: Postroom, suppressions: Suppressions | None, *, now: datetime
) -> None:
    """Pull the lists if nobody has done so since last night; a rehearsal asks no provider."""
    if suppressions is None or postroom.is_rehearsal:
        return
    begun = last_night(now, postroom.newsroom.masthead.zone)
    with postroom.database.write() as session:
        is_ours = take_on(session, CHORE, unless_since=begun, now=now)
    if is_ours:
        pull(postroom.database, suppressions, now=now)


def pull(database: Database, suppressions: Suppressions, *, now: datetime) -> int:
    """End the readers whom a list names; give their number.

    A list that can't be read keeps no other from being read, and is read from where it stood the
    next time. Pulling twice changes nothing.
    """
    ended, failed = 0, []
    for name in LISTS:
        try:
            ended += _pull_list(database, suppressions, name, now=now)
        except PprmailError as error:
            log.warning("suppression list not read", list=name, why=error.message)
            failed.append(name)
    if failed:
        raise ListUnreadError(f"not read: {', '.join(failed)}; the next night tries again")
    return ended


def _pull_list(database: Database, suppressions: Suppressions, name: str, *, now: datetime) -> int:
    chore = f"{CHORE} {name}"
    with database.read() as session:
        before = last_done(session, chore)
    since = before - OVERLAP if before else None
    ended = sum(
        _end_all(database, addresses, name, now=now)
        for addresses in suppressions.pages(name, since=since, until=now)
    )
    with database.write() as session:
        mark_done(session, chore, now=now)
    return ended


def _end_all(database: Database, addresses: Iterable[str], name: str, *, now: datetime) -> int:
    why, ended = LISTS[name], 0
    with database.write() as session:
        for reader in subscribers_for_change(session, _keys(addresses)):
            # Who ended for a lighter reason is marked with the graver one, as by an event.
            if reader.end(why, now=now):
                reader.updated_at = now
                detail = {"why": why, "list": name}
                note(
                    session, "subscriber ended", reader.public_id, who="provider", now=now, **detail
                )
                ended += 1
    return ended


def _keys(addresses: Iterable[str]) -> list[str]:
    keys = []
    for address in addresses:
        # What is no address is none of ours.
        with suppress(ValueError):
            keys.append(address_key(address))
    return keys
