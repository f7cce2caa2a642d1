"""A local SendGrid for development and tests, standing apart from the rest of the house.

It takes mail as strictly as the published contract says, writes every acceptance to a
ledger before it answers, and posts signed events. It sends nothing to anyone.
"""

from pprmail.sandbox.ledger_reading import Acceptance, Ledger, read_ledger
from pprmail.sandbox.options import Clock, SandboxError, SandboxOptions, utc_now
from pprmail.sandbox.sandbox import Sandbox
from pprmail.sandbox.tally import Counters

__all__ = [
    "Acceptance",
    "Clock",
    "Counters",
    "Ledger",
    "Sandbox",
    "SandboxError",
    "SandboxOptions",
    "read_ledger",
    "utc_now",
]
