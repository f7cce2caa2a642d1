"""Signing in: how long it takes for a name that is known, and for one that is not.

A wrong password is tried, and a link is asked for. Who watches the time must learn nothing: medians
within 10 %.
"""

import http.client
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

from bench import bars
from bench.signing_up import BASE, a_site, show
from pprmail.bootstrap import App
from pprmail.model.editor import Editor, Role
from pprmail.model.subscriber import address_key, new_public_id

EACH = 100
WARM_UP = 10
TRIES_OF_ONE = 4
"""Fewer than any budget allows."""

WAYS = {"a wrong password": "password", "a mailed link": "link"}


def main(each: int = EACH) -> None:
    """Run it on SQLite, and print the medians with what lies between them."""
    with (
        tempfile.TemporaryDirectory() as name,
        a_site(Path(name) / "sqlite", "sqlite:///pprmail.db") as (app, port),
    ):
        fill(app, each)
        wire = http.client.HTTPConnection("127.0.0.1", port)
        for number, (what, how) in enumerate(WAYS.items()):
            took = measured(wire, how, each, first=number * 1000)
            show("SQLite", took, f"signing in with {what}")


def measured(
    wire: http.client.HTTPConnection, how: str, each: int, *, first: int
) -> dict[str, list[float]]:
    """Try known and unknown names in turns, each from a network of its own."""
    took: dict[str, list[float]] = {"known": [], "unknown": []}
    for turn in range(2 * (each + WARM_UP)):
        kind = "known" if turn % 2 == 0 else "unknown"
        email = f"{kind}{turn // 2 // TRIES_OF_ONE}@example.org"
        seconds = knock(wire, how, email, number=first + turn)
        if turn >= 2 * WARM_UP:
            took[kind].append(seconds)
    return took


def knock(wire: http.client.HTTPConnection, how: str, email: str, *, number: int) -> float:
    """Send the form; give the seconds until the whole answer was there."""
    body = urlencode({"email": email, "password": "a wrong password", "how": how, "next": ""})
    headers = {
        "Host": "letter.example.org",
        "Origin": BASE,
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Forwarded-For": f"10.{number // 250}.{number % 250}.1",
    }
    started = time.perf_counter()
    wire.request("POST", "/editor/sign-in", body, headers)
    answer = wire.getresponse()
    answer.read()
    seconds = time.perf_counter() - started
    if answer.status != (422 if how == "password" else 200):
        raise RuntimeError(f"a sign-in was answered with {answer.status}")
    return seconds


def fill(app: App, each: int) -> None:
    """Have as many editors as are tried."""
    now, passwords = datetime.now(UTC), app.staff.accounts.passwords
    kept = passwords.hashed("the right password of everybody")
    with app.database.write() as session:
        for number in range((each + WARM_UP) // TRIES_OF_ONE + 1):
            email = f"known{number}@example.org"
            session.add(
                Editor(
                    public_id=new_public_id(),
                    email=email,
                    email_key=address_key(email),
                    name="",
                    role=Role.EDITOR,
                    invited_at=now,
                    joined_at=now,
                    password_hash=kept,
                    has_short_password=False,
                    totp_step=0,
                    recovery_codes=[],
                )
            )


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
    bars.end()
