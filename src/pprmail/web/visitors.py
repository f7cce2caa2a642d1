"""Where a visitor comes from: the address of the connection, or what our own proxies say of it."""

from starlette.requests import Request

from pprmail.model.network import network_of
from pprmail.web.answers import app_of


def network_asking(request: Request) -> str:
    """Name the network that a request comes from; only proxies that are set are believed."""
    peer = request.client.host if request.client else ""
    noted = ",".join(request.headers.getlist("X-Forwarded-For"))
    hops = [hop for hop in noted.split(",") if hop.strip()]
    return network_of(peer, hops, trusted=app_of(request).settings.web.trusted_proxies)
