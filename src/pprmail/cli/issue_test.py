"""The command that mails a test."""

from typing import Annotated

import typer

from pprmail.bootstrap import App
from pprmail.cli.door import SomeIssue, command, now
from pprmail.cli.issue import WHO, group
from pprmail.cli.issue_shown import show_tests
from pprmail.services.assembly import month_in_hand
from pprmail.services.given_reader import found_by_address
from pprmail.services.testers import testers
from pprmail.services.testing import Trial, send_test

__all__ = ["group"]


@command(group, "test")
def mail_test(
    app: App,
    month: SomeIssue = None,
    *,
    to: Annotated[
        list[str], typer.Option("--to", metavar="ADDRESS", help="Whom to; up to five of them.")
    ],
    reader: Annotated[
        str | None, typer.Option("--as", metavar="ADDRESS", help="As this reader gets it.")
    ] = None,
) -> None:
    """Mail the letter, marked as a test, to addresses of the editors’ own; it is not counted."""
    name = month or month_in_hand(app.newsroom, now=now())
    given = found_by_address(app.newsroom, name, reader, now=now()) if reader else None
    own = testers(app.database, operator=app.settings.operator.email)
    tests = send_test(app.postroom, name, Trial(to, own, given=given), who=WHO)
    show_tests(tests)
