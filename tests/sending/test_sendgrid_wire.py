"""What goes out: the body of v3/mail/send, as SendGrid's published description wants it."""

import threading
from pathlib import Path
from typing import Any

import pytest

from pprmail.errors import ConfigError
from pprmail.sandbox import Sandbox, SandboxOptions, read_ledger
from pprmail.sending.envelope import Answer, Envelope, Receipt
from pprmail.sending.sendgrid import LARGEST_REQUEST, SendGridSender, request_body
from sending.wire import KEY, Call, Provider, a_recipient, an_envelope, answer


def test_one_recipient_is_taken_with_everything_that_is_his(tmp_path: Path) -> None:
    receipt, (entry,) = taken(an_envelope("reader@example.org"), tmp_path)
    assert receipt == Receipt(Answer.ACCEPTED, "", 202, entry["x_message_id"])
    assert entry["from"] == "letter@example.org"
    assert entry["subject"] == "A subject"
    assert entry["categories"] == ["letter", "letter-2026-11"]
    assert [content["type"] for content in entry["contents"]] == ["text/plain", "text/html"]
    assert entry["personalizations"] == [
        {
            "to": ["reader@example.org"],
            "custom_args": {"pm_d": "1", "pm_r": "a-request"},
            "headers": {
                "List-Id": "<letter.example.org>",
                "List-Unsubscribe": "<https://letter.example.org/unsubscribe/1>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            },
            "substitutions": {
                "-pm.greeting_html-": "Dear &lt;1&gt;",
                "-pm.greeting_text-": "Dear <1>",
            },
        }
    ]


def test_each_of_a_thousand_recipients_sees_himself_alone(tmp_path: Path) -> None:
    addresses = [f"reader{number}@example.org" for number in range(1, 1001)]
    receipt, (entry,) = taken(an_envelope(*addresses), tmp_path)
    assert receipt.answer is Answer.ACCEPTED
    personalizations = entry["personalizations"]
    assert [each["to"] for each in personalizations] == [[address] for address in addresses]
    for number, each in enumerate(personalizations, start=1):
        assert each["custom_args"]["pm_d"] == str(number)
        assert each["headers"]["List-Unsubscribe"].endswith(f"/unsubscribe/{number}>")
        assert each["substitutions"]["-pm.greeting_text-"] == f"Dear <{number}>"
        assert not {"cc", "bcc", "subject", "from"} & set(each)


def test_every_kind_of_tracking_is_switched_off_by_name() -> None:
    assert posted(an_envelope())["tracking_settings"] == {
        "click_tracking": {"enable": False, "enable_text": False},
        "open_tracking": {"enable": False},
        "subscription_tracking": {"enable": False},
        "ganalytics": {"enable": False},
    }


def test_a_body_holds_nothing_that_was_not_asked_for() -> None:
    plain = an_envelope("a@example.org", headers={}, categories=(), reply_to="", recipients=[])
    assert set(request_body(plain)) == {
        "from",
        "subject",
        "content",
        "tracking_settings",
        "personalizations",
    }
    bare = a_recipient("a@example.org", 1, name=None, values={}, headers={}, arguments={})
    body = posted(an_envelope(recipients=[bare], headers={}, categories=(), reply_to=""))
    assert body["personalizations"] == [{"to": [{"email": "a@example.org"}]}]


def test_bytes_on_the_wire_are_utf_8_and_whole() -> None:
    html, text = "<p>ü β 漢 🎉</p>\n" * 3, "ü β 漢 🎉\n\n"
    with Provider(lambda call: call.read().say(answer("202 Accepted"))) as provider:
        sender(provider).send(an_envelope(html=html, text=text))
    (call,) = provider.calls
    assert "ü β 漢 🎉".encode() in call.body
    assert [content["value"] for content in call.json()["content"]] == [text, html]
    assert call.headers["Authorization"] == f"Bearer {KEY}"
    assert call.headers["Content-Type"] == "application/json; charset=utf-8"
    assert call.headers["Content-Encoding"] is None


def test_names_subjects_and_domains_of_any_script_are_taken(tmp_path: Path) -> None:
    recipients = [
        a_recipient("reader@bücher.example", 1, name="Jürgen “Jo” Müller, 博士; 🎉"),
        a_recipient("Reader@MÜNCHEN.example", 2),
        a_recipient("leser@xn--bcher-kva.org", 3),
    ]
    envelope = an_envelope(
        recipients=recipients, subject="Über β: “ja” 🎉", from_name="Der Brief, ü"
    )
    receipt, (entry,) = taken(envelope, tmp_path)
    assert receipt.answer is Answer.ACCEPTED
    assert entry["subject"] == "Über β: “ja” 🎉"
    assert [each["to"] for each in entry["personalizations"]] == [
        ["reader@xn--bcher-kva.example"],
        ["Reader@xn--mnchen-3ya.example"],
        ["leser@xn--bcher-kva.org"],
    ]
    body = posted(envelope)
    assert body["from"]["name"] == "Der Brief, ü"
    assert body["personalizations"][0]["to"][0]["name"] == "Jürgen “Jo” Müller, 博士; 🎉"


def test_line_breaks_and_control_characters_start_no_header(tmp_path: Path) -> None:
    attack = "Jo\r\nBcc: all@example.org\x00\u2028x"
    recipients = [a_recipient("reader@example.org", 1, name=attack)]
    envelope = an_envelope(recipients=recipients, subject=attack, from_name=attack)
    receipt, (entry,) = taken(envelope, tmp_path)
    assert receipt.answer is Answer.ACCEPTED
    tame = "Jo Bcc: all@example.org x"
    body = posted(envelope)
    assert entry["subject"] == body["subject"] == body["from"]["name"] == tame
    assert body["personalizations"][0]["to"] == [{"email": "reader@example.org", "name": tame}]


def test_one_bad_address_refuses_all_and_is_named(tmp_path: Path) -> None:
    bad = "re ader@-example-.org"
    receipt, entries = taken(an_envelope("a@example.org", bad, "b@example.org"), tmp_path)
    assert (receipt.answer, receipt.refused_recipients) == (Answer.REFUSED, (1,))
    assert receipt.http_status == 400
    assert "personalizations.1.to.0.email" in receipt.detail
    assert entries == []


def test_an_address_that_stands_twice_is_named_without_being_quoted(tmp_path: Path) -> None:
    receipt, entries = taken(an_envelope("twice@example.org", "Twice@example.org"), tmp_path)
    assert (receipt.answer, receipt.refused_recipients) == (Answer.REFUSED, (1,))
    assert "wice@" not in receipt.detail
    assert entries == []


def test_a_wrong_key_is_a_case_for_a_person(tmp_path: Path) -> None:
    receipt, entries = taken(an_envelope(), tmp_path, key="SG.another")
    assert (receipt.answer, receipt.http_status) == (Answer.FORBIDDEN, 401)
    assert entries == []


def test_what_is_larger_than_sendgrid_takes_is_not_even_tried() -> None:
    with Provider(lambda call: call.read().say(answer("202 Accepted"))) as provider:
        receipt = sender(provider).send(an_envelope(html="x" * LARGEST_REQUEST))
    assert receipt == Receipt(Answer.TOO_LARGE, "the request is larger than SendGrid takes")
    assert provider.calls == []


def test_what_can_t_be_written_as_json_is_refused_before_it_is_tried() -> None:
    with Provider(lambda call: call.read().say(answer("202 Accepted"))) as provider:
        receipt = sender(provider).send(an_envelope(html="lone \ud800"))
    assert receipt.answer is Answer.REFUSED
    assert provider.calls == []


@pytest.mark.parametrize("key", ["", "SG.key\n", " SG.key", "SG.këy", "SG key", "SG.\x00"])
def test_a_key_that_can_t_be_one_is_refused_before_anything_is_promised(key: str) -> None:
    with pytest.raises(ConfigError) as problem:
        SendGridSender(key, "https://api.sendgrid.com", 5)
    assert problem.value.where == "[sendgrid] api_key"
    assert not key or key not in str(problem.value)


def test_senders_in_threads_never_mix() -> None:
    def echo(call: Call) -> None:
        key = call.read().headers["Authorization"]
        number = call.json()["personalizations"][0]["custom_args"]["pm_d"]
        call.say(answer("202 Accepted", X_Message_Id=f"{key}/{number}"))

    receipts: dict[tuple[str, str], str | None] = {}
    with Provider(echo) as provider:

        def send_all(key: str, first: int) -> None:
            own = SendGridSender(key, provider.url, 10)
            for number in range(first, first + 15):
                recipients = [a_recipient("reader@example.org", number)]
                receipt = own.send(an_envelope(recipients=recipients))
                receipts[key, str(number)] = receipt.message_id

        threads = [
            threading.Thread(target=send_all, args=(f"SG.key{n}", n * 100)) for n in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(receipts) == len(provider.calls) == 60
    assert all(told == f"Bearer {key}/{number}" for (key, number), told in receipts.items())


def taken(
    envelope: Envelope, folder: Path, *, key: str = KEY
) -> tuple[Receipt, list[dict[str, Any]]]:
    """Send to a real sandbox; give the receipt and what its ledger says was accepted."""
    with Sandbox(SandboxOptions(ledger_path=folder / "ledger", api_key=KEY)) as sandbox:
        receipt = SendGridSender(key, sandbox.url, 10).send(envelope)
    return receipt, read_ledger(folder / "ledger").accepted


def posted(envelope: Envelope) -> Any:
    """Give the body that a provider gets."""
    with Provider(lambda call: call.read().say(answer("202 Accepted"))) as provider:
        assert sender(provider).send(envelope).answer is Answer.ACCEPTED
    return provider.calls[0].json()


def sender(provider: Provider) -> SendGridSender:
    return SendGridSender(KEY, provider.url, 10)
