"""The site: every route there is, and what stands in front of them."""

from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import BaseRoute, Mount, Route

from pprmail.bootstrap import App
from pprmail.web import archive, health, hooks, leaving, preferences
from pprmail.web.answers import EXPECTED
from pprmail.web.security import OwnFormsOnly, SecurityHeaders

LARGEST_BODY = 2_000_000
"""Bytes; the provider's largest report is under 800,000."""

ROUTES: tuple[BaseRoute, ...] = (
    Route("/", archive.home),
    Route("/style.css", archive.style),
    Route("/archive", archive.archive),
    Route("/archive/{month}", archive.month),
    Route("/summaries/{slug}", archive.summary),
    Route("/unsubscribe/{token}", leaving.ask),
    Route("/unsubscribe/{token}", leaving.obey, methods=["POST"]),
    Route("/preferences/{token}", preferences.show),
    Route("/preferences/{token}", preferences.save, methods=["POST"]),
    Route("/hooks/sendgrid", hooks.sendgrid, methods=["POST"]),
    Route("/health", health.health),
)


def site(app: App) -> Starlette:
    """Make the site of an app; where `base_url` has a path, pages are found with and without it."""
    masthead = app.newsroom.masthead
    prefix = urlsplit(masthead.base_url).path.rstrip("/")
    routes = [Mount(prefix, routes=list(ROUTES)), *ROUTES] if prefix else list(ROUTES)
    starlette = Starlette(
        routes=routes,
        middleware=[
            Middleware(SecurityHeaders, is_https=masthead.base_url.startswith("https:")),
            Middleware(TrustedHostMiddleware, allowed_hosts=_hosts(app), www_redirect=False),
            Middleware(
                OwnFormsOnly,
                base_url=masthead.base_url,
                for_programs=("/unsubscribe/", "/hooks/"),
            ),
        ],
        exception_handlers=EXPECTED,
        max_body_size=LARGEST_BODY,
    )
    starlette.state.pprmail = app
    return starlette


def _hosts(app: App) -> list[str]:
    ours = urlsplit(app.newsroom.masthead.base_url).hostname
    return app.settings.web.allowed_hosts or [str(ours), "127.0.0.1", "localhost", "[::1]"]
