"""The API: who may call, and which endpoint answers."""

import hmac
import re
from collections.abc import Callable, Mapping

from pprmail.sandbox.call import Call, RefusedError, Reply, refused

Endpoint = Callable[..., Reply]
Routes = Mapping[str, Mapping[str, Endpoint]]


class Api:
    """Finds the endpoint of a call; the groups of its path's pattern become arguments."""

    def __init__(self, routes: Routes, *, api_key: str | None) -> None:
        self._routes = [(re.compile(path), methods) for path, methods in routes.items()]
        self._api_key = api_key

    def reply(self, call: Call) -> Reply:
        """Answer any call; whatever the answer refuses, it has SendGrid's error shape."""
        try:
            return self._unauthorised(call) or self._routed(call)
        except RefusedError as refusal:
            return refusal.reply

    def _unauthorised(self, call: Call) -> Reply | None:
        scheme, _, key = call.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or not key.strip():
            return refused(401, "authorization required")
        if self._api_key is None or _same(key.strip(), self._api_key):
            return None
        return refused(401, "The provided authorization grant is invalid, expired, or revoked")

    def _routed(self, call: Call) -> Reply:
        for path, methods in self._routes:
            match = path.fullmatch(call.path)
            if match and call.method in methods:
                return methods[call.method](call, *match.groups())
            if match:
                return refused(405, "method not allowed")
        return refused(404, "not found")


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(), expected.encode())
