"""Checks the state file afterwards: counts, and everything that should not be."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

from forge_emu.engine.delivery.delivery import LOST
from forge_emu.store.database import Database
from tests.torture.app import EVIDENCE_FILE

_ENDS = ("event.succeeded", "event.dropped", "event.expired", "event.cancelled")
_PRODUCT_ENDS = ("product_event.succeeded", "product_event.dropped")


class StateCheck:
    """Checks a state file against the app's own evidence and the receipts of the orders."""

    def __init__(self, app: Path, receipts: dict[str, int]) -> None:
        self.violations: list[str] = []
        self.counts: Counter[str] = Counter()
        with closing(Database(app / ".forge-emu" / "state.sqlite")) as database:
            self._records = [json.loads(line) for line in database.record_lines(0, 100_000_000)]
            kept = database.read_state()
        assert kept is not None
        standings = kept.saved.deliveries.items()
        self._open = [number for number, (_, s) in standings if s.state not in LOST]
        self._values = kept.saved.values
        self._check_records()
        self._check_events()
        self._check_evidence(app, receipts)

    def _report(self, what: str, found: list[Any]) -> None:
        if found:
            self.violations.append(f"{len(found):,} {what}: {found[:3]}")

    def _check_records(self) -> None:
        numbers = [r["seq"] for r in self._records]
        if numbers != list(range(1, len(numbers) + 1)):
            self.violations.append("the records are not numbered 1, 2, 3, …")
        times = [r["at"] for r in self._records]
        if times != sorted(times):
            self.violations.append("time goes back in the records")
        self.counts["records"] = len(self._records)

    def _check_events(self) -> None:
        ends: dict[str, int] = {}
        begun: dict[str, int] = {}
        attempts: dict[tuple[str, str], int] = {}
        twice, again, skipped = [], [], []
        for r in self._records:
            id = r.get("event_id") or r.get("product_event_id") or ""
            if r["type"] in ("event.pushed", "product_event.sent"):
                begun[id] = r["seq"]
                self.counts["pushed" if "event_id" in r else "sent"] += 1
            elif r["type"] in (*_ENDS, *_PRODUCT_ENDS):
                if id in ends:
                    twice.append(id)
                ends[id] = r["seq"]
                self.counts["terminal"] += 1
            elif r["type"] == "invocation.started":
                self.counts["invocations"] += 1
                if id in ends:
                    again.append(id)
                key = id, r["module_key"]
                if r["attempt"] != attempts.get(key, 0) + 1:
                    skipped.append(id)
                attempts[key] = r["attempt"]
        self.lost = [id for id in begun if id not in ends]
        self.repeated = [*twice, *again]
        self.stuck = list(self._open)
        self._report("events were lost", self.lost)
        self._report("events ended twice", twice)
        self._report("events were delivered after their end", again)
        self._report("attempts were not counted", skipped)
        self._report("events are stuck", self.stuck)
        self._report("events ended that never began", [id for id in ends if id not in begun])

    def _check_evidence(self, app: Path, receipts: dict[str, int]) -> None:
        jobs = {r["job_id"] for r in self._records if r["type"] == "event.pushed"}
        lines = (app / EVIDENCE_FILE).read_text().splitlines()
        told = [line.partition(" ")[::2] for line in lines]
        pushed = [job for word, job in told if word == "pushed"]
        stored = [n for word, n in told if word == "stored"]
        self.counts["answered pushes"] = len(pushed)
        self.counts["answered writes"] = len(stored)
        self.missing_writes = [n for n in stored if not self._is_stored(n)]
        self._report("answered pushes are unknown", [job for job in pushed if job not in jobs])
        self._report("answered writes are missing", self.missing_writes)
        sent = Counter(r["batch"] for r in self._records if r["type"] == "product_event.sent")
        self._report(
            "orders were not carried out exactly",
            [batch for batch, count in receipts.items() if sent[batch] != count],
        )

    def _is_stored(self, n: str) -> bool:
        value = self._values.get((False, f"key-{n}"))
        return value is not None and json.loads(value.value_text)["n"] == int(n)
