"""Which content a query in CQL finds, and in which order."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from forge_emu.site.confluence import entities as e
from forge_emu.site.confluence.bodies import plain_text
from forge_emu.site.confluence.confluence_site import ConfluenceSite
from forge_emu.site.confluence.cql import Call, Clause, Condition, CqlError, Query, Value
from forge_emu.site.dates import DAY, read_time

_UNITS: Final = {
    "m": 60_000, "h": 3_600_000, "d": DAY, "w": 7 * DAY, "M": 30 * DAY, "y": 365 * DAY,
}  # fmt: skip
_RELATIVE: Final = re.compile(r"([+-]?)(\d+)([mhdwMy])")
_STARTS: Final = ("startofday", "endofday", "startofweek", "endofweek")


@dataclass(frozen=True)
class Searcher:
    """Searches a site. `account` is who `currentUser()` is; `now_ms` counts from 1970."""

    site: ConfluenceSite
    account: str | None
    now_ms: int

    def search(self, query: Query) -> list[e.Content]:
        """Content that is current and that the query finds. Raises CqlError."""
        current = (each for each in self.site.contents if each.status == "current")
        holds = self._holds
        found = [
            each for each in current if query.condition is None or holds(query.condition, each)
        ]
        for name, downwards in reversed(query.orders):
            found.sort(key=self._order_key(name), reverse=downwards)
        return found

    def _holds(self, condition: Condition, content: e.Content) -> bool:
        if isinstance(condition, Clause):
            return self._fits(condition, content)
        parts = (self._holds(part, content) for part in condition.parts)
        if condition.kind == "not":
            return not any(parts)
        return all(parts) if condition.kind == "and" else any(parts)

    def _fits(self, clause: Clause, content: e.Content) -> bool:
        if clause.field in ("created", "lastmodified"):
            return self._fits_time(clause, content)
        if clause.operator in ("~", "!~"):
            return self._has_words(clause, content) is (clause.operator == "~")
        wanted = {self._text(value).lower() for value in clause.values}
        given = {each.lower() for each in self._values_of(clause.field, content)}
        return bool(wanted & given) is (clause.operator in ("=", "in"))

    def _values_of(self, field: str, content: e.Content) -> Iterable[str]:
        """What a content has in a field, of which one has to be what is asked for."""
        site = self.site
        if field in ("id", "content"):
            return content.id, f"att{content.id}"
        if field == "parent":
            return (content.parent or content.container or "",)
        if field == "ancestor":
            return [each.id for each in site.ancestors(content)]
        if field == "label":
            labels = site.labels_of(f"content/{content.id}")
            return [name for each in labels for name in (each.name, f"{each.prefix}:{each.name}")]
        if field in ("creator", "contributor"):
            people = [content.author]
            if field == "contributor":
                people.append(content.version.author)
            return [each for each in people if each is not None]
        if field.startswith("space"):
            space = site.spaces.get(content.space)
            return (space.type if field == "space.type" else space.key,) if space else ()
        return (content.title if field == "title" else content.type,)

    def _has_words(self, clause: Clause, content: e.Content) -> bool:
        """Whether every word is there; one with a `*` at its end begins a word."""
        text = content.title
        if clause.field != "title":
            text = f"{text} {plain_text(content.body, content.representation)}"
        words = re.findall(r"\w+", text.lower())
        asked = re.findall(r"\w+\*?", self._text(clause.values[0]).lower())
        return bool(asked) and all(
            any(word.startswith(each[:-1]) if each[-1] == "*" else word == each for word in words)
            for each in asked
        )

    def _fits_time(self, clause: Clause, content: e.Content) -> bool:
        wanted, is_day = self._instant(clause.field, clause.values[0])
        given = content.created if clause.field == "created" else content.version.created
        last = wanted + (DAY if is_day else 60_000) - 1
        match clause.operator:
            case ">":
                return given > (last if is_day else wanted)
            case ">=":
                return given >= wanted
            case "<":
                return given < wanted
            case "<=":
                return given <= (last if is_day else wanted)
        return (wanted <= given <= last) is (clause.operator == "=")

    def _instant(self, field: str, value: Value) -> tuple[int, bool]:
        """An instant in milliseconds since 1970, and whether a whole day is meant."""
        if isinstance(value, Call):
            return self._called_instant(value), False
        if (relative := _RELATIVE.fullmatch(value)) is not None:
            return self.now_ms + _offset(relative), False
        found = read_time(value)
        if found is None:
            raise CqlError(
                f"The value {value!r} of {field} is no date: it is written as 2026-11-24, as "
                '"2026-11-24 10:00", or as now("-4w")'
            )
        return found, ":" not in value

    def _called_instant(self, call: Call) -> int:
        shift = 0
        if call.argument is not None:
            relative = _RELATIVE.fullmatch(call.argument)
            if relative is None:
                raise CqlError(f"{call.name}({call.argument!r}) is no time: write -4w, -1d or -2h")
            shift = _offset(relative)
        if call.name == "now":
            return self.now_ms + shift
        if call.name not in _STARTS:
            raise CqlError(f"The function {call.name}() is not built here")
        day = self.now_ms - self.now_ms % DAY
        if "week" in call.name:
            # 1970-01-01 was a Thursday; weeks begin with Sunday.
            day -= (day // DAY + 4) % 7 * DAY
        length = 7 * DAY if "week" in call.name else DAY
        return day + shift + (length - 1 if call.name.startswith("end") else 0)

    def _text(self, value: Value) -> str:
        if isinstance(value, str):
            return value
        if value.name == "currentuser":
            return self.account or ""
        raise CqlError(f"The function {value.name}() is not built here")

    def _order_key(self, name: str) -> Callable[[e.Content], tuple[int, str]]:
        spaces = self.site.spaces

        def key(content: e.Content) -> tuple[int, str]:
            match name:
                case "created":
                    return content.created, ""
                case "lastmodified":
                    return content.version.created, ""
                case "id":
                    return len(content.id), content.id
                case "title":
                    return 0, content.title.lower()
                case "type":
                    return 0, content.type
            space = spaces.get(content.space)
            return 0, space.key if space else ""

        return key


def _offset(relative: re.Match[str]) -> int:
    amount = int(relative[2]) * _UNITS[relative[3]]
    return amount if relative[1] == "+" else -amount
