"""What every answer carries, and whose forms are taken."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

USUAL_PORTS: Final = {"https": ":443", "http": ":80"}
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
ALWAYS: Final = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""What an answer carries unless it says otherwise itself."""

WITH_SCRIPT: Final = {"Content-Security-Policy": f"{POLICY}; script-src 'self'"}
"""What a page carries that uses a script of ours; no other page may run any."""

A_YEAR: Final = "max-age=31536000"


@dataclass(frozen=True)
class SecurityHeaders:
    """Adds the headers that every answer carries."""

    app: ASGIApp
    is_https: bool

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, with the headers."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                said = {name.lower() for name, _ in message["headers"]}
                message["headers"] += [pair for pair in self._wanted if pair[0] not in said]
            await send(message)

        await self.app(scope, receive, send_with_headers)

    @cached_property
    def _wanted(self) -> list[tuple[bytes, bytes]]:
        https = {"Strict-Transport-Security": A_YEAR} if self.is_https else {}
        return [(name.lower().encode(), value.encode()) for name, value in (ALWAYS | https).items()]


@dataclass(frozen=True)
class OwnFormsOnly:
    """Takes forms of our own pages alone, but for the paths that programs post to."""

    app: ASGIApp
    origin: str
    for_programs: tuple[str, ...]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let pass, or answer 403."""
        if scope["type"] == "http" and not self._passes(scope):
            refusal = PlainTextResponse("This form was not sent from a page of ours.", 403)
            await refusal(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _passes(self, scope: Scope) -> bool:
        if scope["method"] in SAFE_METHODS or scope["path"].startswith(self.for_programs):
            return True
        headers = Headers(scope=scope)
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site == "same-origin"
        return headers.get("origin") == self.origin


def origin_of(url: str) -> str:
    """Give the origin of an address as browsers write it: small letters, no usual port."""
    parts = urlsplit(url.lower())
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host.removesuffix(USUAL_PORTS[parts.scheme])}"
