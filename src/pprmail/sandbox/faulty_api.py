"""The API with a script: what becomes of a call, faults and all; nothing here knows of sockets."""

from dataclasses import dataclass, field, replace
from threading import Event

from pprmail.sandbox.api import Api
from pprmail.sandbox.call import Call, Reply, refused
from pprmail.sandbox.fault_reply import fault_reply
from pprmail.sandbox.faults import Cut, Fault, Silence
from pprmail.sandbox.options import Clock
from pprmail.sandbox.script import Script


@dataclass(frozen=True, slots=True)
class Outcome:
    """A reply, whole or cut, or the silence in its place."""

    reply: Reply | None
    cut: Cut | None = None
    silence: Silence = "drop"


@dataclass(frozen=True, kw_only=True)
class FaultyApi:
    """Plays the faults; what a fault accepts is done before anything of the answer is known."""

    api: Api
    script: Script
    clock: Clock
    _hurried: Event = field(default_factory=Event)

    def outcome(self, call: Call) -> Outcome:
        """Answer a call as it deserves, or as its fault has it."""
        fault = self.script.fault_for(call)
        if fault is None:
            return Outcome(self.api.reply(call))
        usual = self._do(fault, call=call) if fault.accepts else None
        if usual is not None and usual.status >= 400:
            return Outcome(usual)
        self._hurried.wait(fault.answer_after)
        return self._answer(fault, call=call, usual=usual)

    def hurry(self) -> None:
        """Wait no more, because the sandbox stops; what waits to be accepted never is."""
        self._hurried.set()

    def _do(self, fault: Fault, *, call: Call) -> Reply:
        if fault.accept_after and self._hurried.wait(fault.accept_after):
            return refused(503, "The sandbox is stopping.")
        return self.api.reply(replace(call, telling=fault.telling))

    def _answer(self, fault: Fault, *, call: Call, usual: Reply | None) -> Outcome:
        if isinstance(fault.answer, int):
            return Outcome(fault_reply(fault, call=call, now=self.clock()), cut=fault.cut)
        if fault.answer == "usual":
            return Outcome(usual, cut=fault.cut)
        return Outcome(None, silence=fault.answer)
