"""Which thread runs what, and what moves when something keeps a thread from others."""

from __future__ import annotations

from msgspec import Raw

from forge_emu.model import Invocation, ModuleKind
from forge_emu.ports import InvocationEnded
from forge_emu.runtime.host import wire
from forge_emu.runtime.host.isolation import (
    INTERRUPT_FROM_MS,
    SPARE_THREADS,
    STARTS_REMEMBERED,
    Isolation,
)
from forge_emu.runtime.host.placement import PlacedInvocation, Placement
from forge_emu.runtime.host.threads import FunctionThreads


class Host:
    """A host that notes its orders; nothing runs."""

    def __init__(self, most: int | None = None) -> None:
        self.orders: list[wire.ToHost] = []
        self.started: list[tuple[str, int]] = []
        threads = FunctionThreads()
        self.placement = Placement(threads)
        self.isolation = Isolation(self.placement, threads, self.orders.append, self._start, most)

    def _start(self, running: PlacedInvocation) -> None:
        self.started.append((running.invocation.invocation_id, running.thread))

    def invoke(self, name: str, function: str = "f", generation: int = 1) -> PlacedInvocation:
        """Start an invocation on an instance of its own."""
        invocation = Invocation(
            invocation_id=name, function=function, module=ModuleKind.TRIGGER, module_key="m",
            event_text=Raw(b"{}"), context={}, attempt=1, instance=f"i-{name}", cold_start=True,
            generation=generation, timeout_ms=1000, deadline=1000,
        )  # fmt: skip
        running = self.placement.add_invocation(invocation)
        self.isolation.start(running)
        return running

    def end(self, running: PlacedInvocation) -> None:
        """An invocation has ended."""
        self.placement.remove_invocation(running.invocation.invocation_id)
        self.isolation.end_invocation(running)

    def released(self) -> list[int]:
        """The threads that the host was told to end."""
        return [order.thread for order in self.orders if isinstance(order, wire.Release)]


def test_functions_share_no_thread() -> None:
    """The instances of one do."""
    host = Host()
    for name, function in (("a", "f"), ("b", "f"), ("c", "g")):
        host.invoke(name, function)
    assert host.started == [("a", 0), ("b", 0), ("c", 1)]


def test_a_blocked_thread_is_left_to_its_invocation() -> None:
    """What had begun is delivered again, what had not starts on threads of its own."""
    host = Host()
    begun, blocking, waiting = (host.invoke(name) for name in "abc")
    host.isolation.isolate_thread(wire.ThreadBlocked(0))
    assert host.orders == [wire.Isolate(0, 1)]

    messages = host.isolation.reassign_invocations(wire.Isolated(0, 1, blocking.n, blocking.n))

    ended = [m.invocation_id for m in messages if isinstance(m, InvocationEnded)]
    assert ended == [begun.invocation.invocation_id]
    assert blocking.thread == 1
    assert host.started[-1] == ("c", 2)
    assert wire.Open(2) in host.orders
    assert waiting.thread == 2
    host.isolation.isolate_thread(wire.ThreadBlocked(1))
    assert sum(isinstance(order, wire.Isolate) for order in host.orders) == 1


def test_who_has_begun_is_not_interrupted_at_once() -> None:
    """Only by one that keeps the thread for very long."""
    host = Host()
    begun, blocking = (host.invoke(name) for name in "ab")
    for ms in (1_000, INTERRUPT_FROM_MS - 1):
        host.isolation.isolate_thread(wire.ThreadBlocked(0, blocking.n, blocking.n, ms))
    assert host.orders == []

    host.isolation.isolate_thread(wire.ThreadBlocked(0, blocking.n, blocking.n, INTERRUPT_FROM_MS))
    assert host.orders == [wire.Isolate(0, 1)]
    assert begun.thread == 0


def test_one_that_blocks_those_that_wait_goes_apart_soon() -> None:
    """They have not begun, so that nothing of theirs is lost."""
    host = Host()
    blocking = host.invoke("a")
    host.invoke("b")
    host.isolation.isolate_thread(wire.ThreadBlocked(0, blocking.n, blocking.n, 1_000))
    assert host.orders == [wire.Isolate(0, 1)]


def test_own_threads_wait_for_this_machine() -> None:
    """No more than the most run at once; the next starts when one has ended."""
    host = Host(most=2)
    host.isolation.run_apart("f")
    first, _, third = (host.invoke(name) for name in "abc")
    assert [name for name, _ in host.started] == ["a", "b"]

    host.end(first)

    assert host.started[-1] == ("c", third.thread)


def test_as_many_threads_are_kept_as_were_under_way() -> None:
    """For some thousand starts, and a few beside; of a retired generation none."""
    host = Host()
    host.isolation.run_apart("f")
    running = [host.invoke(str(n)) for n in range(SPARE_THREADS + 3)]
    for each in running:
        host.end(each)
    assert host.released() == []

    for _ in range(2 * STARTS_REMEMBERED):
        host.end(host.invoke("0"))
    assert host.released() == [each.thread for each in running[1:3]]

    host.isolation.forget_generation(1)

    assert sorted(host.released()) == sorted(each.thread for each in running)


def test_an_instance_takes_over_the_thread_that_was_idle_for_longest() -> None:
    """Of its function and generation, when there are threads enough."""
    host = Host()
    host.isolation.run_apart("f")
    host.isolation.run_apart("g")
    for n in range(SPARE_THREADS + 1):
        host.end(host.invoke(f"first-{n}"))
    host.end(host.invoke("first-0"))
    before = list(host.orders)

    taker = host.invoke("second")
    other_function = host.invoke("third", "g")
    other_generation = host.invoke("fourth", generation=2)

    assert host.orders[len(before) :] == [
        wire.TakeOver(1, 1),
        wire.Open(other_function.thread),
        wire.Open(other_generation.thread),
    ]
    assert host.started[-3:] == [
        ("second", 1), ("third", other_function.thread), ("fourth", other_generation.thread),
    ]  # fmt: skip
    assert taker.thread == 1
    host.end(taker)
    assert host.invoke("first-1").thread != 1, "its thread is another's now"


def test_a_function_that_keeps_state_in_its_thread_leaves_it_to_no_other() -> None:
    """Here from the start."""
    host = Host()
    host.isolation.run_apart("f", keeps_state=True)
    for n in range(SPARE_THREADS + 3):
        host.end(host.invoke(str(n)))
    assert {type(order) for order in host.orders} == {wire.Open, wire.Release}


def test_a_thread_that_returns_an_invocation_keeps_state() -> None:
    """That of another instance: it ends, and no other is taken over."""
    host = Host()
    host.isolation.run_apart("f")
    for n in range(SPARE_THREADS + 1):
        host.end(host.invoke(f"first-{n}"))
    refused = host.invoke("second")
    assert host.orders[-1:] == [wire.TakeOver(0, 1)]

    host.isolation.return_invocation(refused)

    assert host.orders[-2:] == [wire.Release(0), wire.Open(refused.thread)]
    assert host.started[-1] == ("second", refused.thread)
    host.end(refused)
    third = host.invoke("third")
    assert host.orders[-1:] == [wire.Open(third.thread)]


def test_an_isolated_thread_ends_with_its_invocation() -> None:
    """It may still have some that were started elsewhere: the next one of its instance begins on a
    new thread."""
    host = Host()
    blocking = host.invoke("a")
    host.isolation.isolate_thread(wire.ThreadBlocked(0))
    host.isolation.reassign_invocations(wire.Isolated(0, 1, blocking.n, blocking.n))

    host.end(blocking)

    assert host.released() == [1]
    again = host.invoke("a")
    assert host.orders[-1] == wire.Open(again.thread)


def test_invocations_that_lose_their_threads_start_again_on_others() -> None:
    """Once each, whether they had been started or waited."""
    host = Host(most=1)
    host.isolation.run_apart("f")
    running, waiting = host.invoke("a"), host.invoke("b")
    for each in (waiting, running):
        host.placement.forget_thread(each.thread)
        host.isolation.return_invocation(each)
    assert [name for name, _ in host.started] == ["a", "a"]

    host.end(running)
    host.end(waiting)

    assert [name for name, _ in host.started] == ["a", "a", "b"]


def test_an_aborted_invocation_goes_with_its_own_thread() -> None:
    """One that shares its thread does not."""
    host = Host()
    shared = host.invoke("a")
    assert not host.isolation.abort_invocation(shared)
    host.isolation.run_apart("f")
    own = host.invoke("b")
    assert host.isolation.abort_invocation(own)
    assert host.released() == [own.thread]
