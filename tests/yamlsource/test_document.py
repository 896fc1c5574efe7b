"""Files that are no YAML, too much YAML, or YAML of the wrong kind: one clear error each."""

from __future__ import annotations

import pytest

from forge_emu.errors import ManifestError
from forge_emu.yamlsource import MAX_BYTES, is_blank, read_document, to_json
from tests.manifest.sample import MANIFEST, lines, problems_of

BOMB = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9) if n else 'x'}]\n" for n in range(30))
TALL = "".join(f"a{n}: &a{n} [{f'*a{n - 1}' if n else 'x'}]\n" for n in range(200))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "1:1 manifest.yml is empty"),
        (" \n\n", "1:1 manifest.yml is empty"),
        ("# nothing\n  # here\n", "1:1 manifest.yml is empty"),
        ("---\n", "1:1 manifest.yml is empty"),
        ("~\n", "1:1 manifest.yml is empty"),
        ("hello", "1:1 manifest.yml holds a single value where a mapping is expected"),
        ("- a\n- b\n", "1:1 manifest.yml holds a list where a mapping is expected"),
        ("a: 1\n---\nb: 2\n", "2:1 a second document starts here"),
        ("a:\n\t- b\n", "2:1 a tab is used as indentation, which YAML does not allow"),
        ("a:\n  b: 1\n \tc: 2\n", "3:2 a tab is used as indentation, which YAML does not allow"),
        ("a:\n  b: 'x\n  c: 1\n", "2:6 broken YAML: this quotation mark is never closed"),
        ('a:\n  b: "x\n  c: 1\n', "2:6 broken YAML: this quotation mark is never closed"),
        ("a: [1, 2\n", "1:4 broken YAML: this '[' is never closed"),
        ("a: {b: 1\n", "1:4 broken YAML: this '{' is never closed"),
        ("a:\n  b: 1\n c: 2\n", "3:2 broken YAML: this line does not fit the lines above it"),
        ("a: 1\n- b\n", "2:1 broken YAML: this line does not fit the lines above it"),
        ("a: b: c\n", "1:5 broken YAML: a ':' stands where no key can be"),
        ("a: 1\nfoo\nb: 2\n", "2:1 broken YAML: a key without ':'"),
        ("a: @x\n", "1:4 broken YAML: a value cannot start with '@'"),
        ("a: `x`\n", "1:4 broken YAML: a value cannot start with '`'"),
        ("a: - b\n", "1:4 broken YAML: a '- ' stands where no list can begin"),
        ('a: "\\q"\n', "1:5 broken YAML: this backslash escape is not one of YAML's"),
        ("a: 1\nb: 2\na: 3\n", "3:1 the key 'a' is given twice; first in line 1"),
        ("a: *nowhere\n", "1:4 there is no anchor '&nowhere' before '*nowhere'"),
        ("a: &a [*a]\n", "1:8 the alias '*a' stands inside its own anchor"),
        ("{{a: 1}: 2}\n", "1:2 a mapping is used as a key"),
        ("? [a]\n: 2\n", "1:3 a list is used as a key"),
        (
            "a: &a {b: 1}\nc:\n  <<: *a\n",
            "3:3 Forge does not merge mappings: '<<' is an ordinary key to it",
        ),
        ("a: x\0y\n", "1:5 there is a NUL byte, which YAML does not allow"),
        ("a:\n  b\x07\n", "2:4 there is the control character U+0007, which YAML does not allow"),
        ("a: " + "[" * 101 + "]" * 101, "1:103 the nesting is deeper than 100 levels"),
        (
            TALL,
            "8:10 '*a6' is used here once more than Forge reads: 100 times with its anchor, the"
            " aliases that it holds counted",
        ),
    ],
)
def test_broken_yaml_is_explained(text: str, said: str) -> None:
    """Each way of breaking a file gives its place and what to look for."""
    assert lines(problems_of(text)) == [f"manifest.yml:{said}"]


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"a: 1\nb: caf\xe9\n", "2:7 the byte 0xe9 is not UTF-8"),
        (b"\x89PNG\r\n\x1a\n", "1:1 the byte 0x89 is not UTF-8"),
        (MANIFEST.encode("utf-16"), "1:1 the file is UTF-16"),
        (MANIFEST.encode("utf-16-be"), "1:1 there is a NUL byte, which YAML does not allow"),
        (
            b"app:\r  id: a\rmodules: {}\r",
            "1:5 lines end with a carriage return alone, which is no end of a line for Forge",
        ),
    ],
)
def test_what_is_not_utf_8_text_is_refused(raw: bytes, said: str) -> None:
    """The place is that of the first byte that does not belong."""
    assert lines(problems_of(raw)) == [f"manifest.yml:{said}"]


def test_a_bomb_of_aliases_is_refused_before_it_grows() -> None:
    """Thirty lines that stand for 9^30 values are not written out."""
    [problem] = problems_of(BOMB)

    assert "is used here once more than Forge reads" in problem.message


def test_aliases_of_a_long_list_are_not_written_out() -> None:
    """Ninety uses of three thousand values are few aliases, and too many values."""
    [problem] = problems_of(f"a: &a [{'x, ' * 3000}]\nb: [{'*a, ' * 90}]\n")

    assert problem.message.startswith("there are more than 200,000 values by here")


@pytest.mark.parametrize(
    ("text", "is_read"),
    [
        (f"a: &a [x]\nb: [{'*a, ' * 99}]\n", True),
        (f"a: &a [x]\nb: [{'*a, ' * 100}]\n", False),
        (f"a: &a x\nb: [{'*a, ' * 100}]\n", False),
        (f"a: &a []\nb: [{'*a, ' * 150}]\n", True),
        (f"a: &a [x]\nb: &b [{'*a, ' * 9}]\nc: [{'*b, ' * 9}]\n", True),
        (f"a: &a [x]\nb: &b [{'*a, ' * 9}]\nc: [{'*b, ' * 10}]\n", False),
    ],
)
def test_aliases_are_counted_as_the_platform_counts_them(text: str, is_read: bool) -> None:
    """A hundred uses of one value, its anchor among them; aliases of aliases multiply."""
    found = [p for p in problems_of(text) if "more than Forge reads" in p.message]

    assert (not found) is is_read


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a: [\n  b,\n  c\n]\n", None),
        ("a: [\n  b, # d\n# c\n  c ]\n", None),
        ("a: {\n  b: [\n    c\n  ]\n}\n", None),
        ("a:\n  - [b,\n   c]\n", None),
        ('a: "b\n  c"\n', None),
        ('{a: "b\nc",\nd: [\ne]}\n', None),
        ("a: [\nb\n]\n", "2:1"),
        ("a: [\n\tb\n]\n", "2:1"),
        ("a: {\n  b: [\n    c\n]\n}\n", "4:1"),
        ("a:\n  - [b,\n  c]\n", "3:3"),
        ("a:\n  b: {\n  c: 1 }\n", "3:3"),
        ('a: "b\nc"\n', "2:1"),
        ("a:\n  b: 'c\n  d'\n", "3:3"),
    ],
)
def test_brackets_and_quotes_lie_inside_of_their_block(text: str, place: str | None) -> None:
    """Lines of them that are not indented deeper are refused, as on the platform."""
    found = [str(p) for p in problems_of(text) if "is not indented deeper" in p.message]

    assert [p.split(" ")[0] for p in found] == ([f"manifest.yml:{place}"] if place else [])


def test_a_document_of_yaml_1_1_is_read_as_such() -> None:
    """The directive changes truth values and octal numbers."""
    raw = b"%YAML 1.1\n---\na: yes\nb: off\nc: 012\nd: 0b11\ne: 1_000\nf: -017\ng: 'yes'\nh: 0\n"

    assert to_json(read_document(raw, "manifest.yml").node) == {
        "a": True, "b": False, "c": 10, "d": 3, "e": 1000, "f": -15, "g": "yes", "h": 0,
    }  # fmt: skip


def test_nesting_without_end_costs_no_recursion() -> None:
    """A hundred thousand brackets are one error."""
    for opening in ("[", "{", "- ", "? "):
        [problem] = problems_of(opening * 100_000)

        assert "nesting" in problem.message


def test_a_file_of_ten_megabytes_is_refused_unread() -> None:
    """The message has the size and the bound."""
    [problem] = problems_of(b"a: 1\n" * 2_000_000)

    assert str(problem) == (
        "manifest.yml:1:1 the file is 10.0 MB, more than the 1 MB that forge-emu reads"
    )


@pytest.mark.parametrize("size", [MAX_BYTES - 1, MAX_BYTES, MAX_BYTES + 1])
def test_a_file_may_have_a_megabyte(size: int) -> None:
    """The bound itself is allowed."""
    text = MANIFEST.encode()
    padded = text + b"#" * (size - len(text))

    assert (problems_of(padded) == ()) is (size <= MAX_BYTES)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", "on"),
        ("yes", "yes"),
        ("True", True),
        ("FALSE", False),
        ("~", None),
        ("", None),
        ("Null", None),
        ("12", 12),
        ("+5", 5),
        ("-3", -3),
        ("012", 12),
        ("0o14", 12),
        ("0x1F", 31),
        ("0b11", "0b11"),
        ("1_000", "1_000"),
        ("12:30", "12:30"),
        ("2024-01-01", "2024-01-01"),
        ("1e3", 1000.0),
        ("1.", 1.0),
        (".5", 0.5),
        (".inf", float("inf")),
        ("-.Inf", -float("inf")),
        ("'12'", "12"),
        ('"true"', "true"),
        ("!!str 12", "12"),
        ("!!int '12'", 12),
        ("!x 12", "12"),
        ("1" * 500, float("inf")),
        ("=", "="),
        ("|\n  12", "12"),
        ("++1", "++1"),
        ("-", [None]),
    ],
)
def test_scalars_are_read_as_the_platform_reads_them(text: str, value: object) -> None:
    """The core schema of YAML 1.2, as the `yaml` package of npm has it."""
    separator = "\n" if text == "-" else " "
    read = to_json(read_document(f"a:{separator}{text}".encode(), "manifest.yml").node)["a"]

    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(("text", "blank"), [(b"", True), (b" # x\n\n", True), (b"a", False)])
def test_a_file_is_blank_without_values(text: bytes, blank: bool) -> None:
    """Comments and white space do not count."""
    assert is_blank(text) is blank


def test_an_empty_document_is_an_error_where_it_is_read() -> None:
    """Whoever allows it asks `is_blank` first."""
    with pytest.raises(ManifestError):
        read_document(b"", "forge-emu.yml")


def test_a_name_without_end_is_cut_short() -> None:
    """A message is one line that can be read, whatever stands in the file."""
    for text in (
        f"a: *{'x' * 5_000}\n",
        f"b: &{'y' * 5_000} 1\na: *x\n",
        f"a: &{'z' * 5_000} [*z]\n",
    ):
        assert all(len(str(problem)) < 600 for problem in problems_of(text.encode()))
