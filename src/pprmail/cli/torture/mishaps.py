"""Mishaps: the ways in which the provider fails, each with a name, at the n-th request."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from pprmail.sandbox import Fault

MAIL: Final = "mail/send"
RECALL: Final = "POST user/scheduled_sends"
LATE: Final = "taken, and answered late"


@dataclass(frozen=True)
class Kind:
    """What goes wrong, and how many requests more than usual it may lead to.

    `halves` says that what comes after it may go out in requests of half the size. `then` goes
    wrong with the first calls of another part, after that.
    """

    fault: Fault
    extra: int = 1
    halves: bool = False
    needs_recall: bool = False
    hears_back: bool = False
    then: Fault | None = None


@dataclass(frozen=True)
class Mishap:
    """A kind of mishap at the n-th request, counted from 1."""

    kind: str
    request: int

    def __str__(self) -> str:
        return f"request {self.request}: {self.kind}"

    @property
    def faults(self) -> Sequence[Fault]:
        """Give what the sandbox is told."""
        kind = MISHAPS[self.kind]
        return [replace(kind.fault, requests=self.request), *([kind.then] if kind.then else [])]


def _taken(answer: Any, **more: Any) -> Fault:
    """Make a fault of which the letters are taken nevertheless."""
    return Fault(accept=True, answer=answer, **more)


MISHAPS: Final[dict[str, Kind]] = {
    LATE: Kind(_taken("usual", answer_after=0.4), extra=0),
    "dropped": Kind(Fault(answer="drop")),
    "taken, and dropped": Kind(_taken("drop")),
    "reset": Kind(Fault(answer="reset")),
    "taken, and reset": Kind(_taken("reset")),
    "half closed": Kind(Fault(answer="half-close")),
    "taken, and half closed": Kind(_taken("half-close")),
    "no answer": Kind(Fault(answer="hang")),
    "taken, and no answer": Kind(_taken("hang")),
    "500": Kind(Fault(answer=500)),
    "taken, and 500": Kind(_taken(500)),
    "503": Kind(Fault(answer=503)),
    "taken, and 504": Kind(_taken(504)),
    "200 instead of 202": Kind(_taken(200)),
    "a redirect": Kind(Fault(answer=302, headers={"Location": "/v3/mail/send"})),
    "taken, and a redirect": Kind(_taken(307, headers={"Location": "/v3/mail/send"})),
    "taken, and no message id": Kind(_taken(202), extra=0),
    "taken, and cut in the status": Kind(_taken("usual", cut="status")),
    "taken, and cut in the headers": Kind(_taken("usual", cut="headers")),
    "taken, and cut in the body": Kind(_taken(500, cut="body")),
    "400 that names a recipient": Kind(Fault(answer=400, recipients="*", field="recipient")),
    "400 that names nobody": Kind(Fault(answer=400), halves=True),
    "400 that names the sender": Kind(Fault(answer=400, field="from")),
    "401": Kind(Fault(answer=401)),
    "403": Kind(Fault(answer=403)),
    "413": Kind(Fault(answer=413), halves=True),
    "429": Kind(Fault(answer=429)),
    "429 until a moment": Kind(Fault(answer=429, headers={"X-RateLimit-Reset": "{now+7}"})),
    "429 until a past moment": Kind(Fault(answer=429, headers={"X-RateLimit-Reset": "{now-7}"})),
    "429 until no moment": Kind(Fault(answer=429, headers={"X-RateLimit-Reset": "soon"})),
    "no batch": Kind(Fault(on="mail/batch", answer=500), extra=0, needs_recall=True),
    "a batch without a name": Kind(
        Fault(on="mail/batch", answer=201, body="{}"), 0, needs_recall=True
    ),
    "taken, dropped, and the recall is not heard": Kind(
        _taken("drop"), needs_recall=True, then=Fault(on=RECALL, requests=1, answer="drop")
    ),
    "taken, dropped, and the recall is not answered": Kind(
        _taken("drop"),
        needs_recall=True,
        then=Fault(on=RECALL, requests=1, accept=True, answer="drop"),
    ),
    "taken, dropped, and reported early": Kind(_taken("drop", events="early"), hears_back=True),
    "taken, dropped, and reported late": Kind(_taken("drop", events_after=3600), hears_back=True),
    "taken, dropped, and reported twice": Kind(
        _taken("drop", events=("twice-new-ids", "shuffled")), hears_back=True
    ),
    "taken, dropped, and never reported": Kind(_taken("drop", events="never"), hears_back=True),
}
