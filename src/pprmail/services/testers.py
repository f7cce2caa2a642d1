"""Testers: whose addresses a test may go to, because they are the editors' own."""

from pprmail.storage.database import Database
from pprmail.storage.editors import editors


def testers(database: Database, *, operator: str) -> set[str]:
    """Give the addresses of everybody who has joined the desk, and the operator's."""
    with database.read() as session:
        joined = {editor.email for editor in editors(session) if editor.joined_at is not None}
    return joined | ({operator} if operator else set())
