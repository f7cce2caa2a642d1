"""The SDK as transport alone.

What it would do by itself and must not: follow redirects with the key in hand, wait for ever, log
the key, turn the body into JSON once more.
"""

import logging
import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable
from http.client import HTTPException, InvalidURL
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, Final, TypeVar

from python_http_client.client import Client
from python_http_client.exceptions import handle_error
from sendgrid import SendGridAPIClient

from pprmail.model.masthead import is_on_loopback
from pprmail.sending.lines import reason

FAILURES: Final = (OSError, HTTPException, UnicodeError)
"""What the standard library raises when a request comes to nothing, or may have."""

NOTHING_LEFT: Final = (
    ConnectionRefusedError,
    socket.gaierror,
    ssl.SSLCertVerificationError,
    InvalidURL,
    UnicodeError,
)
"""Failures that come before the first byte of a request; the last two are of a host's name.

Every other one leaves a doubt.
"""

Result = TypeVar("Result")


def client_for(api_key: str, *, host: str, timeout: float) -> Client:
    """Give an SDK client that makes requests as they must be made."""
    # At DEBUG, the library logs the key and all addresses.
    logging.getLogger("python_http_client.client").setLevel(logging.WARNING)
    headers = dict(SendGridAPIClient(api_key, host=host).client.request_headers)
    # The SDK leaves a body as it is when the type is spelled like this, as SendGrid's own C#
    # library spells it too.
    headers["Content-Type"] = "application/json; charset=utf-8"
    return _Transport(host, request_headers=headers, version=3, timeout=timeout)


def certainty(error: BaseException) -> bool:
    """Tell whether a failure proves that nothing was sent."""
    return isinstance(_root(error), NOTHING_LEFT)


def cause(error: BaseException) -> str:
    """Say in a few words what failed."""
    root = _root(error)
    return reason(f"{type(root).__name__}: {root}") if str(root) else type(root).__name__


def within(seconds: float, call: Callable[[], Result]) -> Result | None:
    """Wait for a call's result no longer than this; the SDK's timeout is for each read alone."""
    results: SimpleQueue[Result | BaseException] = SimpleQueue()

    def run() -> None:
        try:
            results.put(call())
        except BaseException as error:  # noqa: BLE001 - handed to the waiting thread
            results.put(error)

    Thread(target=run, daemon=True, name="request").start()
    try:
        result = results.get(timeout=seconds)
    except Empty:
        return None
    if isinstance(result, BaseException):
        raise result
    return result


def _root(error: BaseException) -> Any:
    return error.reason if isinstance(error, urllib.error.URLError) else error


class _Transport(Client):  # type: ignore[misc]
    """The SDK's client; it makes new ones of its own kind while a path is spelled out."""

    def _build_client(self, name: str | None = None) -> "_Transport":
        return _Transport(
            self.host,
            request_headers=dict(self.request_headers),
            version=self._version,
            url_path=[*self._url_path, *([name] if name else [])],
            timeout=self.timeout,
        )

    def _make_request(self, _: Any, request: Any, timeout: float | None = None) -> Any:
        try:
            return _opener(self.host).open(request, timeout=timeout or self.timeout)
        except urllib.error.HTTPError as error:
            raise handle_error(error) from None


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Takes a redirect for the answer that it is: not an acceptance."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def _opener(host: str) -> urllib.request.OpenerDirector:
    proxies = [urllib.request.ProxyHandler({})] if is_on_loopback(host) else []
    return urllib.request.build_opener(_NoRedirects, *proxies)
