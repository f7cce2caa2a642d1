"""The sandbox: a SendGrid of one's own on this machine, from start to stop."""

from collections.abc import Sequence
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import Self

from pprmail.sandbox.account import Account
from pprmail.sandbox.api import Api
from pprmail.sandbox.batches import Batches
from pprmail.sandbox.courier import Courier
from pprmail.sandbox.depot import Depot
from pprmail.sandbox.errors import SandboxError
from pprmail.sandbox.event_queue import EventQueue
from pprmail.sandbox.faults import Fault
from pprmail.sandbox.faulty_api import FaultyApi
from pprmail.sandbox.ledger import LedgerWriter
from pprmail.sandbox.mail import AcceptedRequest
from pprmail.sandbox.mail_send import MailSend
from pprmail.sandbox.options import SandboxOptions
from pprmail.sandbox.routes import MAIL_SEND, account_routes, mail_routes
from pprmail.sandbox.script import Script
from pprmail.sandbox.server import SandboxServer
from pprmail.sandbox.tally import Counters, Tally
from pprmail.sandbox.webhook import Signer, Webhook, target_of


class Sandbox:
    """Takes mail as SendGrid would, keeps a ledger of it, and tells of it by signed events.

    Runs once: after `stop` it can't be started again. Use it as a context manager, so
    that it always stops.
    """

    def __init__(self, options: SandboxOptions) -> None:
        self._options = options
        self._tally = Tally()
        self._script = Script(options.faults)
        self._signer = Signer()
        self._account = Account(public_key=self._signer.public_key)
        webhook = self._make_webhook()
        self._depot = Depot(
            ledger=LedgerWriter(options.ledger_path),
            queue=EventQueue(events_per_post=options.events_per_post),
            wants_events=webhook is not None,
        )
        self._courier = Courier(
            options=options, depot=self._depot, webhook=webhook, tally=self._tally
        )
        self._server: SandboxServer | None = None
        self._stopped = Event()

    def _make_webhook(self) -> Webhook | None:
        options = self._options
        if options.webhook_url is None:
            return None
        target = target_of(options.webhook_url, any_host=options.any_webhook_host)
        return Webhook(
            target, signer=self._signer, clock=options.clock, timeout=options.webhook_timeout
        )

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Open the ledger and the port, and begin; a second call changes nothing."""
        if self._server is not None:
            return
        self._depot.ledger.open()
        self._server = self._listen()
        self._courier.start()
        serve = self._server.serve_forever
        Thread(target=serve, args=(0.02,), name="sandbox-listener", daemon=True).start()

    def _listen(self) -> SandboxServer:
        address = (self._options.host, self._options.port)
        try:
            return SandboxServer(address, api=self._make_api(), tally=self._tally)
        except OSError as error:
            self._depot.ledger.close()
            raise SandboxError(f"can't listen on {address[0]}:{address[1]}: {error}") from error

    def _make_api(self) -> FaultyApi:
        clock, depot = self._options.clock, self._depot
        mail = MailSend(clock=clock, depot=depot, tally=self._tally, on_accept=self._hear_of)
        batches = Batches(depot.schedule.batches, clock=clock)
        routes = {
            **mail_routes(mail, batches=batches),
            **account_routes(self._account, suppressions=depot.suppressions),
        }
        api = Api(routes, api_key=self._options.api_key)
        return FaultyApi(api=api, script=self._script, clock=clock)

    def _hear_of(self, request: AcceptedRequest) -> None:
        self._courier.tell_early(request)
        if self._options.on_accept is not None:
            self._options.on_accept(request)

    def misbehave(self, faults: Sequence[Fault]) -> None:
        """Let these faults happen from the next call on, which is number 1, and no others."""
        self._script.begin(faults)

    def serve_forever(self) -> None:
        """Run until `stop` is called from elsewhere or an exception, as of a signal, comes by."""
        with self:
            self._stopped.wait()

    def stop(self) -> None:
        """Answer the calls under way, drop what is not yet posted, close everything."""
        if self._server is None or self._stopped.is_set():
            return
        self._server.stop()
        self._courier.stop()
        self._depot.ledger.close()
        self._stopped.set()

    def wait_for_events(self, timeout: float) -> bool:
        """Wait until all events that are due by the clock were acknowledged; false if too late."""
        return self._courier.wait_until_done(timeout=timeout)

    @property
    def url(self) -> str:
        """The address to use as SendGrid's, without a slash at the end."""
        if self._server is None:
            raise SandboxError("the sandbox has not been started")
        return f"http://{self._options.host}:{self._server.server_address[1]}"

    @property
    def public_key(self) -> str:
        """The key to check the events with: SubjectPublicKeyInfo in base64, no PEM frame."""
        return self._signer.public_key

    @property
    def webhook_id(self) -> str:
        """The id of the only webhook of this account."""
        return self._account.webhook_id

    @property
    def ledger_path(self) -> Path:
        """The file that `read_ledger` reads."""
        return self._options.ledger_path

    @property
    def counters(self) -> Counters:
        """A look at what has come and gone so far."""
        # The server counts each call under its method and path.
        return Counters(
            connections=self._tally.of("connections"),
            requests=self._tally.of(f"POST {MAIL_SEND}"),
            accepted=self._tally.of("accepted"),
            events_sent=self._tally.of("events_sent"),
            events_pending=self._depot.queue.pending(),
            events_lost=self._tally.of("events_lost"),
        )
