"""The courier: the thread that lets mail leave when it is due and posts its events."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Condition, Event, Thread

from pprmail.sandbox.depot import Depot
from pprmail.sandbox.event_queue import Bundle
from pprmail.sandbox.mail import AcceptedRequest
from pprmail.sandbox.options import SandboxOptions
from pprmail.sandbox.tally import Tally
from pprmail.sandbox.webhook import Webhook

LONGEST_RETRY = timedelta(hours=24)


@dataclass(kw_only=True)
class Courier:
    """Goes round every `flush_seconds` of real time; what is due, the injected clock says."""

    options: SandboxOptions
    depot: Depot
    webhook: Webhook | None
    tally: Tally
    _rounds: Condition = field(default_factory=Condition)
    _on_the_way: bool = False
    _called: Event = field(default_factory=Event)
    _stopping: Event = field(default_factory=Event)

    def start(self) -> None:
        """Begin the rounds."""
        self._thread = Thread(target=self._run, name="sandbox-courier", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End after the round under way, which may take as long as one post."""
        self._stopping.set()
        self._called.set()
        self._thread.join()

    def wait_until_done(self, *, timeout: float) -> bool:
        """Wait until all that has been due is sent off and acknowledged; false if it takes longer.

        What is due later doesn't count; an event that waits for another try does.
        """
        self._called.set()
        with self._rounds:
            return self._rounds.wait_for(self._is_done, timeout)

    def tell_early(self, request: AcceptedRequest) -> None:
        """Post what is to be told before the answer; what isn't acknowledged comes again later."""
        now = self.options.clock()
        early = self.depot.early_events(request) if self.webhook is not None else []
        for bundle in self.depot.queue.hand_out(early, due=now):
            self._post(bundle)

    def _is_done(self) -> bool:
        return not self._on_the_way and not self.depot.has_due(self.options.clock())

    def _run(self) -> None:
        while not self._stopping.is_set():
            with self._rounds:
                self._on_the_way = True
            self._go_round(self.options.clock())
            with self._rounds:
                self._on_the_way = False
                self._rounds.notify_all()
            self._called.wait(self.options.flush_seconds)
            self._called.clear()

    def _go_round(self, now: datetime) -> None:
        self.depot.let_go(now)
        for bundle in self.depot.queue.take_due(now):
            if self._stopping.is_set():
                return
            self._post(bundle)

    def _post(self, bundle: Bundle) -> None:
        if self.webhook is not None and self.webhook.post(bundle.body):
            self._settle(bundle, as_what="events_sent")
        else:
            self._try_later(bundle)

    def _try_later(self, bundle: Bundle) -> None:
        waits = self.options.retry_seconds
        wait = timedelta(seconds=waits[min(bundle.tries, len(waits) - 1)])
        next_try = self.options.clock() + wait
        if next_try > bundle.due + LONGEST_RETRY:
            self._settle(bundle, as_what="events_lost")
        else:
            self.depot.queue.put_back(bundle, next_try=next_try)

    def _settle(self, bundle: Bundle, *, as_what: str) -> None:
        self.tally.add(as_what, by=bundle.count)
        self.depot.queue.settle(bundle)
