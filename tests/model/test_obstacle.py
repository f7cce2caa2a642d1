import pytest

from pprmail.model.obstacle import obstacle

SENDGRID = "SendGrid refuses"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (f"{SENDGRID} (401): Maximum credits exceeded", "out of credits"),
        (f"{SENDGRID} (403): Maximum credits exceeded", "out of credits"),
        (
            f"{SENDGRID} (401): The provided authorization grant is invalid, expired, or revoked",
            "does not accept the API key",
        ),
        (
            f"{SENDGRID} (403): from: The from address does not match a verified Sender Identity.",
            "does not know the sender’s address",
        ),
        (f"{SENDGRID} (403): access forbidden", "does not let this key send"),
        (f"{SENDGRID} (429): too many requests", "slower pace"),
        (f"{SENDGRID} (413): payload too large", "too large"),
        ("the request is larger than SendGrid takes", "too large"),
        (f"{SENDGRID} (400): subject: is required", "a fault in the letter"),
        ("3 requests in a row failed; the last: ConnectionRefusedError: 111", "can’t be reached"),
        ("3 requests in a row failed; the last: gaierror: -2", "can’t be found"),
        ("SSLCertVerificationError: CERTIFICATE_VERIFY_FAILED", "is not safe"),
        ("no whole answer within 20 s", "no answer came in time"),
        ("the answer was 503", "a fault of its own"),
        ("ConnectionResetError: 104", "broke in the middle"),
        ("the mail server refuses RCPT (550): no", "does not take the letters"),
        ("what was approved has changed: edition 3", "not what was approved"),
        ("of 300 letters that were reported on, 20 bounced for good", "come back"),
        ("by ann@example.org", "ann@example.org stopped it"),
        ("undone by ann@example.org", "ann@example.org stopped it"),
        ("nobody would get this issue; nothing was planned", "Nobody would get"),
    ],
)
def test_what_was_written_down_is_put_into_words_with_a_remedy(said: str, words: str) -> None:
    found = obstacle(said)
    assert words in found.words
    assert found.remedy
    assert found.said == said


def test_what_is_not_recognised_is_shown_as_it_stands() -> None:
    found = obstacle("the moon is in the wrong house")
    assert found.words == "the moon is in the wrong house"
    assert "whoever runs the system" in found.remedy
