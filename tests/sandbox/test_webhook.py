from __future__ import annotations

import http.client
import re
from typing import TYPE_CHECKING

import pytest
from cryptography.exceptions import InvalidSignature
from sendgrid.helpers.eventwebhook import EventWebhook

from pprmail.sandbox import Sandbox, SandboxError, SandboxOptions
from pprmail.sandbox.webhook import Signer, target_of

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.conftest import Caller, MakeMessage, Post, Receiver, SetClock


@pytest.fixture
def post(eventful: Caller, receiver: Receiver, message: MakeMessage) -> Post:
    """The one post for one letter."""
    eventful.send(message())
    assert eventful.sandbox.wait_for_events(5)
    [post] = receiver.posts
    return post


def test_a_post_is_a_json_array_with_a_line_break_at_its_end(post: Post) -> None:
    assert post.headers.get_content_type() == "application/json"
    assert post.headers["User-Agent"] == "SendGrid Event API"
    assert post.body.startswith(b"[{")
    assert post.body.endswith(b"}]\r\n")
    assert [each["event"] for each in post.events()] == ["processed", "delivered"]


def test_the_signature_covers_the_timestamp_and_the_raw_bytes(
    post: Post, eventful: Caller, clock: SetClock
) -> None:
    post.verify(eventful.sandbox.public_key)

    timestamp = post.headers["X-Twilio-Email-Event-Webhook-Timestamp"]
    assert re.fullmatch(r"\d{10}", timestamp)
    assert int(timestamp) == clock.unix()


def test_the_sdk_verifies_it_too(post: Post, eventful: Caller) -> None:
    webhook = EventWebhook(eventful.sandbox.public_key)

    assert webhook.verify_signature(
        post.body.decode(),
        post.headers["X-Twilio-Email-Event-Webhook-Signature"],
        post.headers["X-Twilio-Email-Event-Webhook-Timestamp"],
    )


def test_a_changed_byte_or_another_key_does_not_verify(post: Post, eventful: Caller) -> None:
    changed = type(post)(post.headers, post.body.replace(b"delivered", b"Delivered"))

    with pytest.raises(InvalidSignature):
        changed.verify(eventful.sandbox.public_key)
    with pytest.raises(InvalidSignature):
        post.verify(Signer().public_key)


def test_every_sandbox_has_a_key_of_its_own() -> None:
    assert Signer().public_key != Signer().public_key
    assert "BEGIN" not in Signer().public_key


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8000/hooks",
        "http://127.9.9.9/",
        "https://localhost",
        "http://[::1]:8000/hooks?a=b",
    ],
)
def test_this_machine_may_be_told(url: str) -> None:
    assert target_of(url, any_host=False).host in url


@pytest.mark.parametrize(
    "url",
    [
        "https://letter.example.org/hooks",
        "http://127.0.0.1.example.org/",
        "http://127.0.0.1@example.org/",
        "http://localhost.example.org/",
        "http://192.168.0.1/",
        "http://0.0.0.0/",
        "http://[::ffff:192.0.2.1]/",
        "http://2130706433.example/",
    ],
)
def test_another_machine_is_refused_unless_allowed(ledger_path: Path, url: str) -> None:
    options = SandboxOptions(ledger_path=ledger_path, webhook_url=url)

    with pytest.raises(SandboxError, match="is not this machine"):
        Sandbox(options)

    assert not ledger_path.exists()
    assert target_of(url, any_host=True).host in url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "127.0.0.1:8000",
        "ftp://127.0.0.1/",
        "http:///hooks",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1:web/",
        "http://[::1/",
        "http://127.0.0.1/hö",
        "http://127.0.0.1/a b",
        "http://127.0.0.1/\x00",
    ],
)
def test_what_is_no_url_is_refused(url: str) -> None:
    with pytest.raises(SandboxError, match=r"^the webhook (is no URL|must be an http)"):
        target_of(url, any_host=True)


def test_the_query_of_the_url_is_kept() -> None:
    assert target_of("http://127.0.0.1/a?b=c", any_host=False).path == "/a?b=c"


def test_https_is_spoken_where_the_url_says_so() -> None:
    target = target_of("https://localhost:8443/", any_host=False)

    assert isinstance(target.connect(timeout=1), http.client.HTTPSConnection)


def test_a_proxy_of_the_environment_is_not_used(
    eventful: Caller, receiver: Receiver, message: MakeMessage, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy")
    monkeypatch.delenv("NO_PROXY")

    eventful.send(message())

    assert eventful.sandbox.wait_for_events(5)
    assert len(receiver.posts) == 1
