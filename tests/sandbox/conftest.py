"""What the sandbox's tests share: a caller, a receiver of events, and a clock that is set."""

import http.client
import json
import threading
from base64 import b64decode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key
from sendgrid import SendGridAPIClient

from pprmail.sandbox import Fault, Sandbox, SandboxOptions, read_ledger

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
MakeSandbox = Callable[..., Sandbox]
MakeMessage = Callable[..., dict[str, Any]]
CallerOf = Callable[[Sandbox], "Caller"]
Failing = Callable[..., "Caller"]


class SetClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)

    def unix(self, **by: float) -> int:
        return int((self.now + timedelta(**by)).timestamp())


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Message
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def fields(self) -> list[str | None]:
        return [each["field"] for each in self.json()["errors"]]


class Caller:
    """Speaks to one sandbox over http.client, as plainly as can be."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.timeout = 10.0
        self.headers = {"Authorization": "Bearer SG.key", "Content-Type": "application/json"}

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(
            self.sandbox.url.removeprefix("http://"), timeout=self.timeout
        )

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        raw = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        connection = self.connect()
        try:
            connection.request(method, path, raw, self.headers | headers)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def send(self, body: Any, **headers: str) -> Answer:
        return self.call("POST", "/v3/mail/send", body, **headers)

    def statuses(self, body: Any, *, times: int) -> list[int]:
        return [self.send(body).status for _ in range(times)]

    def taken(self) -> list[str]:
        """List whom the ledger has acceptances for, each as often as it was accepted."""
        return [each.address for each in read_ledger(self.sandbox.ledger_path).acceptances()]

    def new_batch(self) -> str:
        batch_id: str = self.call("POST", "/v3/mail/batch").json()["batch_id"]
        return batch_id

    def hold(self, batch_id: str, status: str = "cancel") -> Answer:
        wish = {"batch_id": batch_id, "status": status}
        return self.call("POST", "/v3/user/scheduled_sends", wish)


@dataclass(frozen=True)
class Post:
    headers: Message
    body: bytes

    @property
    def signature(self) -> bytes:
        return b64decode(self.headers["X-Twilio-Email-Event-Webhook-Signature"], validate=True)

    @property
    def signed_bytes(self) -> bytes:
        return self.headers["X-Twilio-Email-Event-Webhook-Timestamp"].encode() + self.body

    def verify(self, public_key: str) -> None:
        """Raise InvalidSignature unless the raw bytes were signed by this key."""
        key = load_der_public_key(b64decode(public_key, validate=True))
        assert isinstance(key, ec.EllipticCurvePublicKey)
        assert isinstance(key.curve, ec.SECP256R1)
        key.verify(self.signature, self.signed_bytes, ec.ECDSA(SHA256()))

    def events(self) -> list[dict[str, Any]]:
        events: list[dict[str, Any]] = json.loads(self.body)
        return events


@dataclass
class Receiver:
    """A real HTTP server that keeps every post and answers as it is told, 204 at the end."""

    url: str = ""
    posts: list[Post] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)

    def take(self, post: Post) -> tuple[int, dict[str, str]]:
        self.posts.append(post)
        return self.answers.pop(0) if self.answers else (204, {})

    def events(self) -> list[dict[str, Any]]:
        return [event for post in self.posts for event in post.events()]


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    # The SDK asks the environment for proxies; loopback must never go through one.
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    monkeypatch.setenv("no_proxy", "127.0.0.1,localhost")


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def ledger_path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.jsonl"


@pytest.fixture
def make_sandbox(ledger_path: Path, clock: SetClock) -> Iterator[MakeSandbox]:
    """Start sandboxes at noon with quick rounds; all of them stop at the end."""
    made: list[Sandbox] = []

    def make(**options: Any) -> Sandbox:
        usual: dict[str, Any] = {"ledger_path": ledger_path, "clock": clock, "flush_seconds": 0.01}
        sandbox = Sandbox(SandboxOptions(**(usual | options)))
        made.append(sandbox)
        sandbox.start()
        return sandbox

    yield make
    for sandbox in made:
        sandbox.stop()


@pytest.fixture
def sandbox(make_sandbox: MakeSandbox) -> Sandbox:
    return make_sandbox()


@pytest.fixture(scope="session")
def caller_of() -> CallerOf:
    return Caller


@pytest.fixture
def caller(sandbox: Sandbox) -> Caller:
    return Caller(sandbox)


@pytest.fixture
def client(sandbox: Sandbox) -> Any:
    return SendGridAPIClient("SG.key", host=sandbox.url).client


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler_for(receiver)) as server:
        receiver.url = f"http://127.0.0.1:{server.server_port}/hooks/sendgrid"
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield receiver
        server.shutdown()


def _handler_for(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, headers = receiver.take(Post(self.headers, body))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Keep the test's output clean."""

    return Handler


@pytest.fixture
def eventful(make_sandbox: MakeSandbox, receiver: Receiver) -> Caller:
    """A caller to a sandbox that posts its events to the receiver."""
    return Caller(make_sandbox(webhook_url=receiver.url))


@pytest.fixture
def failing(make_sandbox: MakeSandbox) -> Failing:
    """Make a caller to a sandbox with faults."""

    def make(*faults: Fault, **options: Any) -> Caller:
        return Caller(make_sandbox(faults=faults, **options))

    return make


@pytest.fixture(scope="session")
def message() -> MakeMessage:
    return good_message


def good_message(*addresses: str, **changes: Any) -> dict[str, Any]:
    """A good message of one personalization an address, with changes at the top level."""
    people = enumerate(addresses or ("ada@example.org",))
    return {
        "personalizations": [_personalization(index, address) for index, address in people],
        "from": {"email": "letter@example.org", "name": "The Letter"},
        "subject": "November",
        "content": [
            {"type": "text/plain", "value": "Dear -pm.name-"},
            {"type": "text/html", "value": "<p>Dear -pm.name-</p>"},
        ],
        "categories": ["digest", "digest-2026-11"],
        "custom_args": {"pm_i": "2026-11"},
    } | changes


def _personalization(index: int, address: str) -> dict[str, Any]:
    return {
        "to": [{"email": address}],
        "headers": {"List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
        "substitutions": {"-pm.name-": f"Reader {index}"},
        "custom_args": {"pm_d": f"delivery-{index}"},
    }
