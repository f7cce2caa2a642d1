"""The Event Webhook's wire: a key pair, signatures, and posts to one checked place."""

import http.client
from base64 import b64encode
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from pprmail.sandbox.errors import SandboxError
from pprmail.sandbox.options import Clock

SIGNATURE_HEADER = "X-Twilio-Email-Event-Webhook-Signature"
TIMESTAMP_HEADER = "X-Twilio-Email-Event-Webhook-Timestamp"


class Signer:
    """Holds a fresh P-256 key pair and signs with it as SendGrid does."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())

    @property
    def public_key(self) -> str:
        """The SubjectPublicKeyInfo in base64, without a PEM frame."""
        info = self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return b64encode(info).decode()

    def headers(self, body: bytes, *, timestamp: int) -> dict[str, str]:
        """Sign a body: ECDSA with SHA-256 over the timestamp's digits and the raw bytes."""
        signature = self._key.sign(str(timestamp).encode() + body, ec.ECDSA(SHA256()))
        return {
            SIGNATURE_HEADER: b64encode(signature).decode(),
            TIMESTAMP_HEADER: str(timestamp),
        }


@dataclass(frozen=True, slots=True)
class Target:
    """Where events are posted to, taken apart."""

    scheme: str
    host: str
    port: int | None
    path: str

    def connect(self, *, timeout: float) -> http.client.HTTPConnection:
        """Open a connection of its own kind; nothing of the environment's proxies is read."""
        if self.scheme == "https":
            return http.client.HTTPSConnection(self.host, self.port, timeout=timeout)
        return http.client.HTTPConnection(self.host, self.port, timeout=timeout)


def target_of(url: str, *, any_host: bool) -> Target:
    """Take a URL apart; refuse all but this machine unless any host is allowed.

    Signed events tell a real service that mail was delivered: they must not leave
    the machine by a slip in a configuration.
    """
    target = _parsed(url)
    if any_host or _is_loopback(target.host):
        return target
    raise SandboxError(
        f"the webhook's host {target.host} is not this machine: use 127.0.0.1, ::1 or "
        "localhost, or allow any host by name"
    )


def _parsed(url: str) -> Target:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise SandboxError(f"the webhook is no URL: {error}") from error
    if parts.scheme not in {"http", "https"} or not parts.hostname or not _is_plain(url):
        raise SandboxError("the webhook must be an http or https URL with a host, in plain ASCII")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, parts.hostname, port, path)


def _is_plain(url: str) -> bool:
    return url.isascii() and url.isprintable() and " " not in url


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        # Any other name may lead anywhere by tomorrow, so it isn't even looked up.
        return host == "localhost"


class Webhook:
    """Posts signed bodies to a target, each on a connection of its own."""

    def __init__(self, target: Target, *, signer: Signer, clock: Clock, timeout: float) -> None:
        self._target = target
        self._signer = signer
        self._clock = clock
        self._timeout = timeout

    def post(self, body: bytes) -> bool:
        """Post once; true only for a 2xx. A redirect isn't followed: it is a refusal."""
        connection = self._target.connect(timeout=self._timeout)
        try:
            connection.request("POST", self._target.path, body, self._headers(body))
            return 200 <= connection.getresponse().status < 300
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _headers(self, body: bytes) -> dict[str, str]:
        return {
            "Content-Type": "application/json;charset=utf-8",
            "User-Agent": "SendGrid Event API",
            **self._signer.headers(body, timestamp=int(self._clock().timestamp())),
        }
