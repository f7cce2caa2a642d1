"""The fence: a database that is older than the journal sends nothing, or it would repeat letters."""

from collections import Counter
from typing import Final

from pprmail.errors import GuardError
from pprmail.sending.journal import Intent, intents
from pprmail.services.dispatch.postroom import Postroom
from pprmail.storage.deliveries import requests_known

AT_ONCE: Final = 500


def refuse_older_database(postroom: Postroom) -> None:
    """Refuse to send if the journal knows requests that this database has forgotten.

    So it is after an older copy was put back: those readers would get the letter a second time.
    """
    forgotten = _forgotten(
        postroom, intents(postroom.journal.folder, postroom.journal.installation)
    )
    if not forgotten:
        return
    letters = Counter[str]()
    for intent in forgotten:
        letters[intent.issue] += intent.size
    named = ", ".join(f"{count} of {issue}" for issue, count in sorted(letters.items()))
    raise GuardError(
        f"the database is older than the journal, which knows {len(forgotten)} requests more; "
        f"letters would go out twice: {named}",
        where=str(postroom.journal.folder),
        remedy="put the newer database back; or, if these may be repeated, move this folder away",
    )


def _forgotten(postroom: Postroom, known: list[Intent]) -> list[Intent]:
    forgotten = []
    for begin in range(0, len(known), AT_ONCE):
        some = known[begin : begin + AT_ONCE]
        with postroom.database.read() as session:
            present = requests_known(session, {intent.request for intent in some})
        forgotten += [intent for intent in some if intent.request not in present]
    return forgotten
