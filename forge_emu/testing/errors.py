"""What a test sees of a call or a push that failed."""

from __future__ import annotations

from forge_emu.control.calls.contract import CallAnswer
from forge_emu.control.push_contract import PushRefusal


class CallError(Exception):
    """A function that was invoked threw, or was ended. `answer` says how."""

    def __init__(self, target: str, answer: CallAnswer) -> None:
        self.answer = answer
        details = f"{answer.error.name}: {answer.error.message}" if answer.error else ""
        super().__init__(f"{target} failed: {answer.reason}{f', {details}' if details else ''}")


class PushError(Exception):
    """A queue refused events. `refusal` has the error that an app would see, and the rule."""

    def __init__(self, queue: str, refusal: PushRefusal) -> None:
        self.refusal = refusal
        events = f"{refusal.events} event{'' if refusal.events == 1 else 's'}"
        super().__init__(
            f"{queue} refused {events} by {refusal.limit}: {refusal.error}: {refusal.message}"
        )
