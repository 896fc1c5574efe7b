"""Jobs: one per push, with the figures of `getStats`.

What counts as failed or in progress is not documented: here delivered events are `success`, dropped
ones `failed`, cancelled ones neither, and everything else is `inProgress`.
"""

from __future__ import annotations

from forge_emu.engine.delivery import QueuedEvent, State
from forge_emu.engine.touched import Touched
from forge_emu.errors import Fault
from forge_emu.model import JobStats


class Job:
    """The events of one push that have not ended, and counts of those that have."""

    __slots__ = ("cancelled", "failed", "open", "queue", "success")

    def __init__(self, queue: str) -> None:
        self.queue = queue
        self.open: dict[str, QueuedEvent] = {}
        self.success = 0
        self.failed = 0
        self.cancelled = False


class Jobs:
    """Every job of the run."""

    def __init__(self, touched: Touched | None = None) -> None:
        self.all: dict[str, Job] = {}
        self._touched = touched or Touched()

    def add(self, event: QueuedEvent) -> None:
        """Count `event` in its job, which comes into being with its first event."""
        job = self.all.get(event.job_id)
        if job is None:
            job = self.all[event.job_id] = Job(event.queue)
        job.open[event.id] = event
        self._touched.job(event.job_id)

    def settle(self, event: QueuedEvent) -> None:
        """Note that `event` has reached a terminal state."""
        job = self.all[event.job_id]
        job.open.pop(event.id, None)
        if event.state is State.SUCCEEDED:
            job.success += 1
        elif event.state is State.DROPPED:
            job.failed += 1
        self._touched.job(event.job_id)

    def find(self, job_id: str, queue: str | None) -> Job:
        """The job, which must be one of `queue` where that is given. Raises Fault (404)."""
        job = self.all.get(job_id)
        if job is None or (queue is not None and job.queue != queue):
            message = f"The job {job_id} was not found for the queue {queue}."
            raise Fault(404, {"code": "JOB_NOT_FOUND", "message": message})
        return job

    def cancel(self, job_id: str, queue: str | None) -> list[QueuedEvent]:
        """Mark the job as cancelled and answer its events that have not ended. Raises Fault."""
        job = self.find(job_id, queue)
        job.cancelled = True
        self._touched.job(job_id)
        return list(job.open.values())

    def is_cancelled(self, job_id: str) -> bool:
        """Whether the job was cancelled; a retry of it is not made then."""
        return self.all[job_id].cancelled

    def stats(self, job_id: str, queue: str | None) -> JobStats:
        """What `getStats` answers. Raises Fault (404)."""
        job = self.find(job_id, queue)
        return JobStats(job.success, len(job.open), job.failed)
