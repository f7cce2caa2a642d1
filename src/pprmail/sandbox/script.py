"""The script: which fault, if any, happens to a call."""

from collections import Counter
from collections.abc import Sequence
from threading import Lock

from pprmail.sandbox.addressees import matching, message_in
from pprmail.sandbox.call import Call
from pprmail.sandbox.fault_checks import check_faults
from pprmail.sandbox.faults import Fault, each_of
from pprmail.sandbox.numbering import covers


class Script:
    """Holds the faults and counts calls and happenings; each call is judged once, from any thread.

    Calls are counted from when the script began, so that the first call after it is number 1.
    """

    def __init__(self, faults: Sequence[Fault] = ()) -> None:
        self._lock = Lock()
        self.begin(faults)

    def begin(self, faults: Sequence[Fault]) -> None:
        """Put these faults in the place of all others and count from 1; raise SandboxError."""
        check_faults(faults)
        with self._lock:
            self._faults = tuple(faults)
            self._calls: Counter[str] = Counter()
            self._happened: Counter[int] = Counter()

    def fault_for(self, call: Call) -> Fault | None:
        """Find the first fault that applies; it then has happened."""
        with self._lock:
            on_it = [pair for pair in enumerate(self._faults) if _is_on(pair[1], call)]
            self._calls.update({fault.on for _, fault in on_it})
            for place, fault in on_it:
                if self._is_left(place) and self._is_its_turn(fault) and _fits(fault, call):
                    self._happened[place] += 1
                    return fault
        return None

    def _is_left(self, place: int) -> bool:
        times = self._faults[place].times
        return times is None or self._happened[place] < times

    def _is_its_turn(self, fault: Fault) -> bool:
        number, numberings = self._calls[fault.on], each_of(fault.requests)
        return not numberings or any(covers(each, number) for each in numberings)


def _is_on(fault: Fault, call: Call) -> bool:
    return fault.is_on(call.method, call.path)


def _fits(fault: Fault, call: Call) -> bool:
    if fault.larger_than is not None and len(call.body) <= fault.larger_than:
        return False
    if not fault.recipients and fault.batch is None:
        return True
    message = message_in(call.body)
    if fault.batch is not None and fault.batch != ("batch_id" in message):
        return False
    return not fault.recipients or bool(matching(message, each_of(fault.recipients)))
