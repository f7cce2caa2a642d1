"""Suppressions: the lists of addresses that SendGrid writes to no more, read page by page.

The lists and their paging are those of SendGrid's published API description (v3, suppressions).
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from python_http_client.exceptions import HTTPError

from pprmail.errors import PprmailError
from pprmail.model.subscriber import EndReason
from pprmail.sending.transport import FAILURES, cause, client_for, within

LISTS: Final = {
    "spam_reports": EndReason.COMPLAINED,
    "bounces": EndReason.BOUNCED,
    "invalid_emails": EndReason.BOUNCED,
    "unsubscribes": EndReason.UNSUBSCRIBED,
}
"""Why an address on a list gets no more letters. Blocks are not among them: they are of single
messages, and the next letter may arrive."""

PAGE: Final = 500
MOST_PAGES: Final = 10_000
"""More than any list holds; a provider that gives the same page for ever is not asked for ever."""


class ListUnreadError(PprmailError):
    """A list could not be read to its end."""


class Suppressions(Protocol):
    """Where the lists are read."""

    def pages(self, name: str, *, since: datetime | None, until: datetime) -> Iterator[list[str]]:
        """Give the addresses that came on a list in a span of time, a page at a time."""
        ...


@dataclass(frozen=True)
class SendGridSuppressions:
    """Reads the lists of an account; a fresh connection for every page, and one try."""

    api_key: str
    host: str
    timeout: float

    def pages(self, name: str, *, since: datetime | None, until: datetime) -> Iterator[list[str]]:
        """Give the addresses of a list until a page is empty.

        Its end stands still, so that what is added meanwhile moves nothing from page to page.
        """
        span = {"end_time": int(until.timestamp())}
        if since is not None:
            span["start_time"] = int(since.timestamp())
        offset = 0
        for _ in range(MOST_PAGES):
            entries = self._page(name, span | {"limit": PAGE, "offset": offset})
            if not entries:
                return
            yield [address for entry in entries if (address := _address(entry))]
            offset += len(entries)
        raise ListUnreadError("it has no end", where=name)

    def _page(self, name: str, query: dict[str, int]) -> list[Any]:
        client = client_for(self.api_key, host=self.host, timeout=self.timeout)
        path = client.suppression._(name)
        try:
            answer = within(self.timeout * 2, lambda: path.get(query_params=query))
            entries = json.loads(answer.body) if answer else None
        except HTTPError as error:
            raise _refused(name, error.status_code) from None
        except FAILURES as error:
            raise ListUnreadError(cause(error), where=name) from None
        except (ValueError, RecursionError):
            raise ListUnreadError("the answer is not JSON", where=name) from None
        if answer is None:
            raise ListUnreadError("no whole answer in time", where=name)
        if not isinstance(entries, list):
            raise ListUnreadError("the answer is no list", where=name)
        return entries


def _refused(name: str, status: int) -> ListUnreadError:
    remedy = "give the key read access to Suppressions" if status in {401, 403} else ""
    return ListUnreadError(f"SendGrid answered {status}", where=name, remedy=remedy)


def _address(entry: Any) -> str | None:
    address = entry.get("email") if isinstance(entry, dict) else None
    return address if isinstance(address, str) else None
