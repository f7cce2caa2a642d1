"""The site: every route there is, and what stands in front of them."""

from typing import Final
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import Route

from pprmail.bootstrap import App
from pprmail.web import archive, citing, health, hooks, leaving, preferences, your_data
from pprmail.web.asking import AskingForLink
from pprmail.web.confirming import Confirming
from pprmail.web.editor import routes_of_editors
from pprmail.web.failing import EXPECTED, LastResort
from pprmail.web.security import OwnFormsOnly, SecurityHeaders, origin_of
from pprmail.web.signing_up import Starting, Subscribing

LARGEST_BODY: Final = 2_000_000
"""Bytes; the provider's largest report is under 800,000."""

FOR_PROGRAMS: Final = ("/unsubscribe/", "/hooks/", "/subscribe/start")
"""Where mail programs, the provider and forms of other sites post to, without a page of ours.

What other sites post only fills a form of ours in: nothing changes before that is sent, too.
"""

THIS_MACHINE: Final = ("127.0.0.1", "localhost", "[::1]")


def site(app: App) -> Starlette:
    """Make the site of an app; where `base_url` has a path, pages are found with and without it."""
    base_url = app.newsroom.masthead.base_url
    prefixes = list(dict.fromkeys([urlsplit(base_url).path.rstrip("/"), ""]))
    starlette = Starlette(
        routes=[
            route
            for prefix in prefixes
            for route in (*routes_under(prefix), *routes_of_editors(prefix))
        ],
        middleware=[
            Middleware(SecurityHeaders, is_https=base_url.startswith("https:")),
            Middleware(LastResort),
            Middleware(RequestBodyLimitMiddleware, max_body_size=LARGEST_BODY),
            Middleware(TrustedHostMiddleware, allowed_hosts=_hosts(app), www_redirect=False),
            Middleware(
                OwnFormsOnly,
                origin=origin_of(base_url),
                for_programs=tuple(prefix + path for prefix in prefixes for path in FOR_PROGRAMS),
            ),
        ],
        exception_handlers=EXPECTED,
    )
    # A mail program that leaves follows no redirect.
    starlette.router.redirect_slashes = False
    starlette.state.pprmail = app
    return starlette


def routes_under(prefix: str) -> list[Route]:
    """List every route but those of the editors, below a path or nothing."""
    return [
        *_routes_of_readers(prefix),
        *([Route(prefix, archive.home)] if prefix else []),
        Route(f"{prefix}/", archive.home),
        Route(f"{prefix}/style.css", archive.style),
        Route(f"{prefix}/archive", archive.archive),
        Route(f"{prefix}/archive/{{month}}", archive.month),
        Route(f"{prefix}/summaries/{{slug}}.ris", citing.as_ris),
        Route(f"{prefix}/summaries/{{slug}}.bib", citing.as_bibtex),
        Route(f"{prefix}/summaries/{{slug}}", archive.summary),
        Route(f"{prefix}/subscribe", Subscribing),
        Route(f"{prefix}/subscribe/start", Starting),
        Route(f"{prefix}/confirm/{{token}}", Confirming),
        Route(f"{prefix}/hooks/sendgrid", hooks.sendgrid, methods=["POST"]),
        Route(f"{prefix}/health", health.health),
    ]


def _routes_of_readers(prefix: str) -> list[Route]:
    leave, choose = f"{prefix}/leaving/{{token}}", f"{prefix}/preferences/{{token}}"
    return [
        Route(f"{prefix}/unsubscribe/{{token}}", leaving.Leaving),
        Route(f"{leave}/topics", leaving.GivingUp),
        Route(f"{leave}/back", leaving.ComingBack),
        Route(f"{leave}/reason", leaving.Telling),
        Route(f"{prefix}/preferences", AskingForLink),
        Route(f"{prefix}/preferences.js", preferences.script),
        Route(choose, preferences.Preferences),
        Route(f"{choose}/data.json", your_data.data),
        Route(f"{choose}/address", your_data.Address),
        Route(f"{choose}/older-links", your_data.OlderLinks),
        Route(f"{choose}/erase", your_data.Erasure),
        Route(f"{prefix}/confirm-address/{{token}}", your_data.NewAddressConfirmed),
    ]


def _hosts(app: App) -> list[str]:
    # The host that letters link to is always right, whatever else is allowed.
    ours = urlsplit(app.newsroom.masthead.base_url).hostname or ""
    name = f"[{ours}]" if ":" in ours else ours
    return [name, *THIS_MACHINE, *app.settings.web.allowed_hosts]
