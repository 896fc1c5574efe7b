"""A minimal parent: it gives a host its invocations, answers its requests, and counts the ends."""

from __future__ import annotations

import os
import subprocess
from collections import deque
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from benchmarks.measuring import Spent, measure
from forge_emu.events import EventFactory, find_template

HOST: Final = Path(__file__).parent / "host.cjs"
MOST_AT_ONCE: Final = 64
_READ: Final = 1 << 18

AnswerKind = Literal["real", "plain"]


def payloads_of(issues: int) -> list[Any]:
    """The payloads of so many created issues."""
    factory = EventFactory(find_template("issue-created"))
    return [factory.build_event(n, 0, lambda: "id").payload for n in range(1, issues + 1)]


def run_floor(node: Path, bundle: Path, issues: int, kind: AnswerKind) -> Spent:
    """What `issues` created issues take: two invocations, a push and a write each."""
    payloads = payloads_of(issues)
    with measure() as spent:
        command = [str(node), str(HOST), str(bundle), kind]
        host = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        parent = _Parent(host, payloads)
        parent.run()
        assert host.stdin is not None
        host.stdin.close()
        host.wait()
    assert parent.ended == 2 * issues, f"{parent.ended} of {2 * issues} invocations ended"
    return spent


class _Parent:
    def __init__(self, host: subprocess.Popen[bytes], payloads: list[Any]) -> None:
        assert host.stdin is not None
        assert host.stdout is not None
        self._input, self._output = host.stdin.fileno(), host.stdout.fileno()
        self._waiting: deque[dict[str, Any]] = deque(
            {"handler": "created", "event": payload} for payload in payloads
        )
        self._running = 0
        self._begun = 0
        self.ended = 0

    def run(self) -> None:
        """Until nothing runs and nothing waits."""
        rest = b""
        while True:
            *lines, rest = (rest + os.read(self._output, _READ)).split(b"\n")
            answers: list[Any] = []
            for line in lines:
                message = msgspec.json.decode(line)
                if "request" in message:
                    answers.append(self._answer(message))
                elif "ended" in message:
                    self._running -= 1
                    self.ended += 1
            while self._waiting and self._running < MOST_AT_ONCE:
                self._begun += 1
                self._running += 1
                answers.append({"id": self._begun, **self._waiting.popleft()})
            if not self._running:
                return
            self._write(b"".join(msgspec.json.encode(answer) + b"\n" for answer in answers))

    def _answer(self, request: dict[str, Any]) -> dict[str, Any]:
        if "/kvs" in request["path"] or "queue" not in request["path"]:
            return {"request": request["request"], "status": 204, "body": None}
        pushed = msgspec.json.decode(request["body"])
        for item in pushed["payload"]:
            event = {"queueName": pushed["queueName"], "jobId": pushed["jobId"], **item}
            self._waiting.append({"handler": "store", "event": event})
        return {"request": request["request"], "status": 201, "body": "{}"}

    def _write(self, data: bytes) -> None:
        while data:
            data = data[os.write(self._input, data) :]
