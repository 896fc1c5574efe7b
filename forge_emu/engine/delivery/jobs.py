"""Jobs: one per push, with the figures of `getStats`.

What counts as failed or in progress, and how long a job can be asked for, is not documented: here
the last `async_events.jobs_kept` that have ended can be, delivered events are `success`, dropped
and expired ones `failed`, cancelled ones neither, and everything else is `inProgress`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import msgspec

from forge_emu.engine.delivery.delivery import LOST, State
from forge_emu.engine.dirty import DirtySet
from forge_emu.errors import Fault
from forge_emu.model import JobStats


class JobEvent(Protocol):
    """An event of a queue, as far as its job is concerned."""

    id: str
    state: State

    @property
    def queue(self) -> str:
        """Its queue."""
        ...

    @property
    def job_id(self) -> str:
        """Its push."""
        ...


class SavedJob(msgspec.Struct, frozen=True, array_like=True):
    """A push: what has become of its events that have ended.

    `ended` numbers the jobs in the order in which they ended, 0 while something of it is open.
    """

    queue: str
    success: int = 0
    failed: int = 0
    cancelled: bool = False
    ended: int = 0


class Job:
    """The events of one push that have not ended, and counts of those that have."""

    __slots__ = ("cancelled", "ended", "failed", "open", "queue", "success")

    def __init__(self, queue: str) -> None:
        self.queue = queue
        self.open: dict[str, JobEvent] = {}
        self.success = 0
        self.failed = 0
        self.cancelled = False
        self.ended = 0
        """A number that grows with each job that ends; 0 while something of it is open."""

    @property
    def has_ends(self) -> bool:
        """Whether it says more than that its events are open."""
        return bool(self.success or self.failed or self.cancelled or self.ended)

    def snapshot(self) -> SavedJob:
        """What of it is saved."""
        return SavedJob(self.queue, self.success, self.failed, self.cancelled, self.ended)


class Jobs:
    """The jobs with open events, and the last `most_ended` of those that have ended."""

    def __init__(self, most_ended: int = 100_000) -> None:
        self.all: dict[str, Job] = {}
        self.dirty: DirtySet[str] = DirtySet()
        self._most_ended = most_ended
        self._ended: dict[str, None] = {}
        self._last_ended = 0

    def add_event(self, event: JobEvent) -> None:
        """Count `event` in its job, which comes into being with its first event."""
        id = event.job_id
        job = self.all.get(id)
        if job is None:
            job = self.all[id] = Job(event.queue)
        job.open[event.id] = event
        if job.ended:
            job.ended = 0
            del self._ended[id]
        self.dirty.mark(id)

    def restore_job(self, id: str, saved: SavedJob) -> None:
        """Restore a job of before a restart, whose open events follow."""
        job = self.all[id] = Job(saved.queue)
        job.success, job.failed, job.cancelled = saved.success, saved.failed, saved.cancelled

    def restore_event(self, event: JobEvent) -> None:
        """Restore an event of before a restart that has not ended."""
        job = self.all.get(event.job_id)
        if job is None:
            job = self.all[event.job_id] = Job(event.queue)
        job.open[event.id] = event

    def restore_ended_jobs(self, saved: Mapping[str, SavedJob]) -> None:
        """All open events are restored: the other jobs have ended, in the order saved."""
        numbers = {id: job.ended for id, job in saved.items() if job.ended}
        self._last_ended = max(numbers.values(), default=0)
        for id in sorted(numbers, key=numbers.__getitem__):
            if not self.all[id].open:
                self._retain_ended(id, numbers[id])
        for id in [id for id, job in self.all.items() if not (job.open or job.ended)]:
            self._end_job(id)

    def end_event(self, event: JobEvent) -> None:
        """Count `event`, which has reached a terminal state."""
        id = event.job_id
        job = self.all[id]
        job.open.pop(event.id, None)
        if event.state is State.SUCCEEDED:
            job.success += 1
        elif event.state in LOST:
            job.failed += 1
        self.dirty.mark(id)
        if not job.open:
            self._end_job(id)

    def _end_job(self, id: str) -> None:
        """Nothing of the job is open any more: count it among those that have ended."""
        self._last_ended += 1
        self._retain_ended(id, self._last_ended)

    def _retain_ended(self, id: str, number: int) -> None:
        self.all[id].ended = number
        self._ended[id] = None
        while len(self._ended) > self._most_ended:
            oldest = next(iter(self._ended))
            del self._ended[oldest], self.all[oldest]
            self.dirty.mark(oldest)

    def find(self, job_id: str, queue: str | None) -> Job:
        """The job, which must be one of `queue` where that is given. Raises Fault (404)."""
        job = self.all.get(job_id)
        if job is None or (queue is not None and job.queue != queue):
            message = f"The job {job_id} was not found for the queue {queue}."
            raise Fault(404, {"code": "JOB_NOT_FOUND", "message": message})
        return job

    def cancel_job(self, job_id: str, queue: str | None) -> list[JobEvent]:
        """Mark the job as cancelled and answer its events that have not ended. Raises Fault."""
        job = self.find(job_id, queue)
        job.cancelled = True
        self.dirty.mark(job_id)
        return list(job.open.values())

    def is_cancelled(self, job_id: str) -> bool:
        """Whether the job was cancelled; a retry of it is not made then."""
        return self.all[job_id].cancelled

    def job_stats(self, job_id: str, queue: str | None) -> JobStats:
        """What `getStats` answers. Raises Fault (404)."""
        job = self.find(job_id, queue)
        return JobStats(job.success, len(job.open), job.failed)
