"""Obstacles: why a sending rests or a request failed, in words that a person can act on.

What the provider, the connection or the dispatcher wrote down stays as it is in the rows. Here it
is only read, by what is typical of it; whatever is not recognised is shown as it stands.
"""

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Obstacle:
    """What is the matter, and what to do about it; `said` is what was written down."""

    said: str
    words: str
    remedy: str


KNOWN: Final[tuple[tuple[str, str, str], ...]] = (
    (
        r"maximum credits exceeded",
        "The SendGrid account is out of credits.",
        "Buy credits or a larger plan at SendGrid, or wait until the account’s next period; then resume.",
    ),
    (
        r"verified sender identity|sender identity|\bfrom\b.*verified",
        "SendGrid does not know the sender’s address as yours.",
        (
            "At SendGrid, under Sender Authentication, verify the address that the letter comes from; "
            "then resume."
        ),
    ),
    (
        r"refuses \(401\)",
        "SendGrid does not accept the API key.",
        "Whoever runs the system puts a valid key into [sendgrid] api_key and starts it again; then resume.",
    ),
    (
        r"refuses \(403\)",
        "SendGrid does not let this key send mail.",
        "Whoever runs the system gives the key the right “Mail Send” at SendGrid; then resume.",
    ),
    (
        r"refuses \(429\)|too many requests",
        "SendGrid asks for a slower pace.",
        "Nothing needs to be done: it is tried again after the time that SendGrid asked for.",
    ),
    (
        r"refuses \(413\)|larger than SendGrid takes",
        "The letter is too large for SendGrid.",
        "Stop for good, shorten the letter, and approve it again.",
    ),
    (
        r"refuses \(400\)",
        "SendGrid found a fault in the letter itself.",
        "Show the words below to whoever runs the system.",
    ),
    (
        r"ConnectionRefused|Network is unreachable|No route to host",
        "The mail service can’t be reached: the connection was refused.",
        (
            "Look whether this machine is on the net, and whether the service has trouble "
            "(SendGrid tells at status.sendgrid.com); then resume."
        ),
    ),
    (
        r"gaierror|Name or service not known|name resolution",
        "The mail service can’t be found: this machine does not resolve names.",
        "Whoever runs the system looks at the network and at the host in the configuration; then resume.",
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED|SSLCertVerification",
        "The connection to the mail service is not safe: its certificate could not be verified.",
        "Whoever runs the system looks at the clock and the certificates of the machine; then resume.",
    ),
    (
        r"no whole answer within|timed out|TimeoutError",
        "The mail service took a request, or did not: no answer came in time.",
        "Look below at the requests in doubt; if the service has no trouble, resume.",
    ),
    (
        r"the answer was 5\d\d",
        "The mail service has a fault of its own.",
        "Wait until it is over (SendGrid tells at status.sendgrid.com); then resume.",
    ),
    (
        r"ConnectionReset|RemoteDisconnected|BrokenPipe|IncompleteRead",
        "The connection to the mail service broke in the middle of a request.",
        "Look below at the requests in doubt; then resume.",
    ),
    (
        r"the mail server refuses",
        "The mail server does not take the letters.",
        "Show the words below to whoever runs the system.",
    ),
    (
        r"rested for so long",
        "The sending rested for so long that nobody should be surprised by it now.",
        "If it is still right to send it, resume; else stop for good.",
    ),
    (
        r"what was approved has changed",
        "What is stored is not what was approved, so that nothing more goes out.",
        "Stop for good and show the words below to whoever runs the system.",
    ),
    (
        r"more requests are in doubt than",
        "More requests are in doubt than can be taken back at once.",
        "Settle some of them below, or resume in ten minutes.",
    ),
    (
        r"letters that were reported on",
        "Too many letters come back, or are called spam.",
        (
            "Look at the report before more go out: a stale list or a broken address book does this. "
            "If all is well, resume."
        ),
    ),
    (
        r"were not taken in \d+ tries",
        "Some letters were put off again and again.",
        "Resume to try these once more, or stop for good.",
    ),
    (
        r"allowed_recipients|letters may go to",
        "Some readers are not among those that real letters may go to.",
        (
            'Whoever runs the system lists them, or ["*"] for everybody, under [delivery] '
            "allowed_recipients."
        ),
    ),
    (
        r"nobody would get this issue",
        "Nobody would get this letter.",
        "Look at its editions and their head-counts.",
    ),
    (
        r"sender is the outbox",
        "This was a rehearsal: the letters were written to files, and nothing left this machine.",
        "To send for real, whoever runs the system sets [delivery] sender.",
    ),
    (
        r"system was not running",
        "The system was not running when the letter was due, and it is too late to send it unasked.",
        "If it is still right to send it, choose a new time.",
    ),
    (
        r"approval of .* holds no longer|is not approved",
        "The approval no longer holds, because something changed.",
        "Look at what changed, and approve it again.",
    ),
)
"""What is typical of a text, what it means, and what helps; the first that fits is taken."""

_OF_A_PERSON: Final = re.compile(r"(?:by|undone by) (?P<who>.+)")


def obstacle(said: str) -> Obstacle:
    """Read what was written down."""
    person = _OF_A_PERSON.fullmatch(said)
    if person:
        return Obstacle(said, f"{person['who']} stopped it.", "Resume, or stop for good.")
    for pattern, words, remedy in KNOWN:
        if re.search(pattern, said, re.IGNORECASE | re.DOTALL):
            return Obstacle(said, words, remedy)
    return Obstacle(said, said, "If these words do not help, show them to whoever runs the system.")
