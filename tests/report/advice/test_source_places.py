"""Where in the app a finding points."""

from __future__ import annotations

import pytest

from forge_emu.model import App, Consumer, Function
from forge_emu.report.advice.source_places import SourcePlaces
from forge_emu.report.stack_frames import frame_of


def _app(file: str = "src/index.js", export: str = "store") -> App:
    return App(
        id="a",
        name=None,
        manifest="manifest.yml",
        runtime=None,
        functions={"store": Function("store", "index.store", file, export, None, 512, 7)},
        consumers=(Consumer("c", "q", "store", None, 3),),
        triggers=(),
    )


@pytest.mark.parametrize(
    "line",
    [
        "export async function store(event) {",
        "export function* store() {",
        "export const store = async (event) => {",
        "exports.store = handle;",
        "  store: async (event) => {},",
        "async def store(event):",
    ],
)
def test_a_handler_is_found_where_it_is_written(line: str) -> None:
    """In whatever way it is."""
    places = SourcePlaces(
        _app(), lambda: {"src/index.js": f"// store is below\nstored();\n{line}\n"}
    )

    assert places.find_handler("store") == ["src/index.js:3"]


def test_a_handler_that_is_not_found_is_where_the_manifest_says() -> None:
    """Re-exported, or made by something: its declaration is better than nothing."""
    places = SourcePlaces(_app(), lambda: {"src/index.js": "export { store } from './other';"})

    assert places.find_handler("store") == ["manifest.yml:7"]
    assert places.find_declaration("store") == ["manifest.yml:7"]


def test_nothing_known_is_nothing_said() -> None:
    """No app, or another function."""
    assert SourcePlaces().find_handler("store") == []
    assert SourcePlaces(_app()).find_handler("other") == []
    assert SourcePlaces().find_code("x") == []


def test_code_is_searched_the_handlers_file_first() -> None:
    """Comments do not count, and three places are enough."""
    sources = {
        "src/a.js": "kvs.set(1)\nkvs.set(2)\nkvs.set(3)",
        "src/index.js": "// kvs.set(0)\n * kvs.set(0)\nawait kvs.set(4); // from './a'",
        "src/stray.js": "kvs.set(5)",
    }
    places = SourcePlaces(_app(), lambda: sources)

    found = places.find_code(r"kvs\.set\(", "store")
    assert found == ["src/index.js:3", "src/a.js:1", "src/a.js:2"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (
            "export async function other() {\n  ask(1);\n}\n"
            "export async function store() {\n  wait();\n  ask(2);\n}\nfunction last() { ask(3); }",
            6,
        ),
        ("exports.store = () => {\n};\nconst later = () => ask(1);", 3),
        ("const first = () => ask(1);\nexport const store = () => first();", 1),
        ("def other():\n    ask(1)\n\ndef store(event):\n    ask(2)", 5),
    ],
)
def test_code_is_searched_the_handler_first(text: str, place: int) -> None:
    """Another handler of the same file has code of the same kind."""
    places = SourcePlaces(_app(), lambda: {"src/index.js": text})
    assert places.find_code(r"ask\(", "store")[0] == f"src/index.js:{place}"


def test_sources_are_read_once_and_only_when_asked() -> None:
    """A run without findings reads nothing."""
    reads: list[int] = []

    def read() -> dict[str, str]:
        reads.append(1)
        return {}

    places = SourcePlaces(_app(), read)
    assert reads == []
    places.find_code("x")
    places.find_handler("store")
    assert reads == [1]


@pytest.mark.parametrize(
    ("stack", "place"),
    [
        ("Error: x\n    at store (src/index.js:3:10)\n    at run (src/b.js:9:1)", "src/index.js:3"),
        ("Error: x\n    at async src/index.ts:12:5", "src/index.ts:12"),
        (
            "Error\n    at f (node_modules/@forge/kvs/out/a.js:1:2)\n    at src/i.js:4:2",
            "src/i.js:4",
        ),
        ("Error\n    at node:internal/timers.js:5:1", None),
        ('Traceback\n  File "src/index.py", line 8, in store', "src/index.py:8"),
        (None, None),
        ("", None),
    ],
)
def test_the_frame_of_an_error_is_the_first_of_the_app(
    stack: str | None, place: str | None
) -> None:
    """Packages and the platform's own code are passed over."""
    assert frame_of(stack) == place
