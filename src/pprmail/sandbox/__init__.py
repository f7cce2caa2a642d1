"""A local SendGrid for development and tests, standing apart from the rest of the house.

It takes mail as strictly as the published contract says, writes every acceptance to a
ledger before it answers, and posts signed events. It sends nothing to anyone. It fails when
and how it is told to: `faults.py` explains the language.
"""

from pprmail.sandbox.errors import SandboxError
from pprmail.sandbox.fault_file import FaultFile
from pprmail.sandbox.faults import Fault
from pprmail.sandbox.ledger_reading import Acceptance, Ledger, read_ledger
from pprmail.sandbox.mail import AcceptedRequest
from pprmail.sandbox.options import Clock, SandboxOptions, utc_now
from pprmail.sandbox.sandbox import Sandbox
from pprmail.sandbox.tally import Counters

__all__ = [
    "Acceptance",
    "AcceptedRequest",
    "Clock",
    "Counters",
    "Fault",
    "FaultFile",
    "Ledger",
    "Sandbox",
    "SandboxError",
    "SandboxOptions",
    "read_ledger",
    "utc_now",
]
