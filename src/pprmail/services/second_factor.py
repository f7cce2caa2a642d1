"""The code beside the password: six digits of an app, or a recovery code, each of them once."""

import hmac
import secrets
from datetime import datetime
from typing import Final

import pyotp

from pprmail.model.editor import Editor, digest_of

RECOVERY_CODES: Final = 10
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
STEP: Final = 30
TOLERANCE: Final = 1
"""How many steps of half a minute a clock may be slow or fast."""

SECRET_LENGTH: Final = 32


def new_app_secret() -> str:
    """Make a secret for an app; nothing is kept before a code has shown that the app knows it."""
    return pyotp.random_base32(SECRET_LENGTH)


def app_address(secret: str, email: str, *, issuer: str) -> str:
    """Give what an app needs to know of a secret, as an address for its camera."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=issuer)


def step_of(secret: str, code: str, *, after: int, now: datetime) -> int | None:
    """Say for which half minute a code was made; None if for none that is near and unused."""
    present = int(now.timestamp()) // STEP
    given = "".join(code.split())
    app = pyotp.TOTP(secret)
    for step in range(present - TOLERANCE, present + TOLERANCE + 1):
        expected = app.generate_otp(step)
        if hmac.compare_digest(expected.encode(), given.encode()) and step > after:
            return step
    return None


def use_code(editor: Editor, code: str, *, now: datetime) -> str:
    """Take a code of an editor, which then is used up; say which kind it was, or nothing."""
    if editor.totp_secret is None:
        return ""
    step = step_of(editor.totp_secret, code, after=editor.totp_step, now=now)
    if step is not None:
        editor.totp_step = step
        return "code"
    digest = digest_of(_bare(code))
    left = [kept for kept in editor.recovery_codes if not hmac.compare_digest(kept, digest)]
    if len(left) == len(editor.recovery_codes):
        return ""
    editor.recovery_codes = left
    return "recovery code"


def new_recovery_codes(editor: Editor) -> list[str]:
    """Give an editor new recovery codes, of which only digests are kept; the old ones are void."""
    codes = ["-".join(_part() for _ in range(3)) for _ in range(RECOVERY_CODES)]
    editor.recovery_codes = [digest_of(_bare(code)) for code in codes]
    return codes


def _part() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(5))


def _bare(code: str) -> str:
    return "".join(sign for sign in code.lower() if sign.isalnum())
