"""Which thread of a host runs which invocation. Pure."""

from __future__ import annotations

from abc import ABC, abstractmethod

from forge_emu.model import Invocation


class Threads(ABC):
    """Gives every invocation a thread by its number; numbers are not used again for others."""

    @abstractmethod
    def thread_for(self, invocation: Invocation) -> int:
        """The thread on which the invocation's instance runs its function."""

    @abstractmethod
    def forget_instance(self, invocation: Invocation) -> None:
        """The instance of an invocation is gone."""

    @abstractmethod
    def forget_generation(self, generation: int) -> None:
        """Every instance of a generation is gone."""

    @abstractmethod
    def forget_thread(self, thread: int) -> None:
        """A thread is gone, with its instances."""

    @abstractmethod
    def clear(self) -> None:
        """The host is gone, with all threads."""


class InstanceThreads(Threads):
    """Every instance has a thread of its own."""

    def __init__(self) -> None:
        self._last = -1
        self._threads: dict[tuple[int, str], int] = {}

    def thread_for(self, invocation: Invocation) -> int:
        """The thread of the instance."""
        key = (invocation.generation, invocation.instance)
        if key not in self._threads:
            self._last += 1
            self._threads[key] = self._last
        return self._threads[key]

    def forget_instance(self, invocation: Invocation) -> None:
        """The next invocation of an instance of this name gets another thread."""
        self._threads.pop((invocation.generation, invocation.instance), None)

    def forget_generation(self, generation: int) -> None:
        """Forget the threads of a generation."""
        self._threads = {key: t for key, t in self._threads.items() if key[0] != generation}

    def forget_thread(self, thread: int) -> None:
        """Forget a thread that has ended."""
        self._threads = {key: t for key, t in self._threads.items() if t != thread}

    def clear(self) -> None:
        """Forget all threads; their numbers are not used again."""
        self._threads.clear()


class FunctionThreads(Threads):
    """Every function has a thread of its own, which its instances share.

    A function that came near its memory, or kept its thread from others, runs apart from then on:
    each of its instances has a thread of its own. That is remembered over reloads and restarts of
    the host.
    """

    def __init__(self) -> None:
        self._next = 0
        self._by_function: dict[str, int] = {}
        self._own: dict[tuple[int, str, str], int] = {}
        self._opened: set[int] = set()
        self._apart: set[str] = set()
        self._stateful: set[str] = set()

    def thread_for(self, invocation: Invocation) -> int:
        """The thread of the function, or of this instance where the function runs apart."""
        function = invocation.function
        if function in self._apart:
            key = _own_key(invocation)
            if key not in self._own:
                self._own[key] = self.new_number()
            return self._own[key]
        if function not in self._by_function:
            self._by_function[function] = self.new_number()
        return self._by_function[function]

    def new_number(self) -> int:
        """A number for a thread that has none yet."""
        self._next += 1
        return self._next - 1

    def run_apart(self, function: str, *, keeps_state: bool = False) -> None:
        """From now on the instances of a function share no thread.

        With `keeps_state` none gets a thread after another one either: the function's code keeps
        something in what the instances of a thread share.
        """
        self._apart.add(function)
        if keeps_state:
            self._stateful.add(function)

    def leave_shared(self, function: str) -> int | None:
        """The thread that the instances of a function shared until now, if they did."""
        return self._by_function.pop(function, None)

    def is_own(self, invocation: Invocation) -> bool:
        """Whether the instance has a thread of its own for this function."""
        return _own_key(invocation) in self._own

    def set_own(self, invocation: Invocation, thread: int) -> None:
        """The instance has `thread` for itself."""
        self._opened.add(thread)
        self._own[_own_key(invocation)] = thread

    @property
    def open_own(self) -> int:
        """How many threads of single instances have been started and not ended."""
        return sum(thread in self._opened for thread in self._own.values())

    def idle_own(self, running: set[int]) -> list[int]:
        """The threads of single instances on which nothing runs, those used last at the end."""
        return [thread for thread in self._own.values() if self._is_idle(thread, running)]

    def _is_idle(self, thread: int, running: set[int]) -> bool:
        return thread in self._opened and thread not in running

    def is_open(self, invocation: Invocation) -> bool:
        """Whether the thread that the instance has for itself was started."""
        return self._own[_own_key(invocation)] in self._opened

    def take_over(self, invocation: Invocation, running: set[int]) -> int | None:
        """Give an instance the thread that another one of its function has not used for longest.

        Returns None if there is none on which nothing runs, or none may get it.
        """
        generation, _, function = key = _own_key(invocation)
        if function in self._stateful:
            return None
        for other, thread in self._own.items():
            if other[0] == generation and other[2] == function and self._is_idle(thread, running):
                del self._own[other]
                self._own[key] = thread
                return thread
        return None

    def own_of(self, generation: int) -> list[int]:
        """The threads of single instances of a generation."""
        return [thread for key, thread in self._own.items() if key[0] == generation]

    def use_own(self, invocation: Invocation) -> None:
        """Note that the thread of an instance was started, and used last."""
        key = _own_key(invocation)
        thread = self._own[key] = self._own.pop(key)
        self._opened.add(thread)

    def forget_instance(self, invocation: Invocation) -> None:
        """Forget the thread of a single instance; shared threads stay."""
        self._own.pop(_own_key(invocation), None)

    def forget_generation(self, generation: int) -> None:
        """Forget the single instances of a generation."""
        self._own = {key: t for key, t in self._own.items() if key[0] != generation}

    def forget_thread(self, thread: int) -> None:
        """Forget a thread that has ended; the host starts that of a function again."""
        self._own = {key: t for key, t in self._own.items() if t != thread}

    def clear(self) -> None:
        """Forget all threads, but not which functions run apart."""
        self._own.clear()
        self._opened.clear()
        self._by_function.clear()
        self._next = 0


def _own_key(invocation: Invocation) -> tuple[int, str, str]:
    return invocation.generation, invocation.instance, invocation.function
