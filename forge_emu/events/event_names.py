"""Every event name the platform documents or its tools accept, with the scopes it needs.

`known.json` is the only list; an event that the documentation names and the platform's own scope
map does not has `null` there.
"""

from __future__ import annotations

import difflib
import re
from functools import cache, lru_cache
from importlib.resources import files

import msgspec

from forge_emu.model import APP_EVENT_PREFIX

_LEAST_SIMILARITY = 0.6
_PRODUCTS = frozenset({"jira", "confluence", "bitbucket", "compass", "jsm", "forge"})
_PRODUCT_NAMES = {
    "jsm-entity": "jira-service-management",
    "ecosystem.app_policy": "data-security-policy",
    "cloud": "app-events",
}


class Scopes(msgspec.Struct, frozen=True):
    """The scopes an app needs to receive an event: all of `classic`, or all of `granular`."""

    classic: tuple[str, ...]
    granular: tuple[str, ...]


@cache
def _scopes_by_event() -> dict[str, Scopes | None]:
    text = files(__package__).joinpath("known.json").read_bytes()
    return msgspec.json.decode(text, type=dict[str, Scopes | None])


@cache
def known_events() -> frozenset[str]:
    """Full names, as a manifest has them (`avi:jira:created:issue`)."""
    return frozenset(_scopes_by_event())


def scopes_of(event: str) -> Scopes | None:
    """What `event` requires; None where no source says so."""
    return _scopes_by_event().get(event)


def nearest_events(name: str, most: int = 3) -> list[str]:
    """Up to `most` known events that `name` may have been meant to be, the nearest first.

    What it names counts, in whatever order and of whatever product: `jira:issue_created`.
    """
    words = _words(name[:200])
    if not words:
        return []
    similarities = {event: _similarity(words, event) for event in sorted(known_events())}
    ordered = sorted(similarities, key=lambda event: -similarities[event])
    return [event for event in ordered[:most] if similarities[event] >= _LEAST_SIMILARITY]


def _similarity(words: list[str], event: str) -> float:
    """From 0 to 1: how well the words are found in the event's name, and the other way round."""
    names = _words(event)
    return max((_found(each, names) + _found(names, each)) / 2 for each in _joined(words))


def _joined(words: list[str]) -> list[list[str]]:
    """The words, and the words with two neighbours as one: `issue`, `link` as `issuelink`."""
    pairs = range(len(words) - 1)
    return [words, *([*words[:i], words[i] + words[i + 1], *words[i + 2 :]] for i in pairs)]


def _found(words: list[str], among: list[str]) -> float:
    """How well `words` are found `among` others. The product counts half: it is often guessed."""
    weights = [0.5 if word in _PRODUCTS else 1.0 for word in words]
    best = (max(_alike(word, other) for other in among) for word in words)
    return sum(w * b for w, b in zip(weights, best, strict=True)) / sum(weights)


@lru_cache(maxsize=8192)
def _alike(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, one, other).ratio()


def _words(name: str) -> list[str]:
    """`avi:jira:issueCreated` as `jira`, `issue`, `created`."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    found = [word.lower() for word in re.findall(r"[^\W_]+", apart)]
    return [word for word in found if word != "avi"][:12]


def short_name(event: str) -> str:
    """`avi:jira:created:issue` as `issue-created`: the subject, then the action.

    An event that an app publishes has its full name alone.
    """
    if event.startswith(APP_EVENT_PREFIX):
        return event
    _, _, action = event.removeprefix("avi:").partition(":")
    verb, _, subject = action.partition(":")
    return re.sub(r"[:_.]", "-", f"{subject}-{verb}").lower()


def unique_name(event: str) -> str:
    """The short name, with the product before it where products share it (`jira-user-created`)."""
    name = short_name(event)
    return f"{product_of_event(event)}-{name}" if len(events_called(name)) > 1 else name


def events_called(name: str) -> tuple[str, ...]:
    """The events whose short name is `name`, in order."""
    return _events_by_short_name().get(name, ())


def product_of_event(event: str) -> str:
    """`jira`, `confluence`, … from an event's full name."""
    product = event.split(":")[1]
    return _PRODUCT_NAMES.get(product, product)


@cache
def _events_by_short_name() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for event in sorted(known_events()):
        name = short_name(event)
        found[name] = (*found.get(name, ()), event)
    return found
