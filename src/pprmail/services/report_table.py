"""A report as a table that other programs take, in which no cell can be taken for a formula."""

import csv
from io import StringIO

from pprmail.model.cells import guarded
from pprmail.model.tally import NAMES, Tally
from pprmail.services.reports import IssueReport


def as_csv(report: IssueReport) -> str:
    """Write a line for the whole letter, one for each edition and one for each topic."""
    out = StringIO()
    write = csv.writer(out).writerow
    write(["part", "name", *NAMES])
    write(_line("issue", report.status.issue.name, report.whole))
    for edition in report.by_edition:
        write(_line("edition", "; ".join(edition.titles) or "titles only", edition.tally))
    for name, tally in report.topics.items():
        write(_line("topic", name, tally))
    return out.getvalue()


def _line(part: str, name: str, tally: Tally) -> list[str]:
    return [part, guarded(name), *(str(number) for number in tally.as_json().values())]
