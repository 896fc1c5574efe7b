"""`app.storage.entities`: what Forge takes passes, and what it does not is said in its place."""

from __future__ import annotations

import pytest

from tests.manifest.sample import MANIFEST, app_of, problems_of

EMPLOYEE = """\
  storage:
    entities:
      - name: employee
        attributes:
          surname: {type: string}
          age: {type: integer}
          notes: {type: any}
        indexes:
          - surname
          - name: by-age
            partition: [surname]
            range: [age]
"""


def said(text: str) -> list[str]:
    """Every problem with its place, and its hint behind a bar."""
    return [
        str(problem).removeprefix("manifest.yml:") + (f" | {problem.hint}" if problem.hint else "")
        for problem in problems_of(MANIFEST + text)
    ]


def test_a_sound_entity_passes() -> None:
    """And the app has it."""
    assert said(EMPLOYEE) == []
    assert app_of(MANIFEST + EMPLOYEE).storage["entities"][0]["name"] == "employee"


AT = "app.storage.entities[0]"
# fmt: off
CHANGES: list[tuple[str, str, list[str]]] = [
    ("name: employee", "name: Employee", [
        f"27:15 {AT}.name may only have lower-case letters, digits and : - _ . with no dots at the "
        "ends or side by side, found 'Employee'",
    ]),
    ("name: employee", "name: -employee", [
        f"27:15 {AT}.name may only have lower-case letters, digits and : - _ . with no dots at the "
        "ends or side by side, found '-employee'",
    ]),
    ("name: employee", "name: e", [
        f"27:15 {AT}.name: 'e' is 1 characters long | 3 to 60 are allowed.",
    ]),
    ("name: employee\n", "title: employee\n", [
        f"27:9 {AT}.title: an entity has no property 'title' | Its properties are: attributes, "
        "indexes, name.",
        f"27:9 {AT} has no 'name' | Name it: `name: employee`.",
]),
    ("{type: integer}", "{type: int}", [
        f"30:23 {AT}.attributes.age.type cannot be 'int' | Did you mean integer?",
    ]),
    ("          notes:", "          my-notes:", [
        f"31:11 {AT}.attributes.my-notes may only have letters, digits and _, found 'my-notes'",
    ]),
    ("          notes:", f"          {'n' * 31}:", [
        f"31:11 {AT}.attributes.{'n' * 31}: '{'n' * 31}' is 31 characters long | 1 to 30 are "
        "allowed.",
    ]),
    ("- surname\n", "- notes\n", [
        f"33:13 {AT}.indexes[0]: 'notes' has the type any, which no index can have | Give it "
        "another type.",
    ]),
    ("- surname\n", "- surnam\n", [
        f"33:13 {AT}.indexes[0]: there is no attribute 'surnam' | Did you mean surname?",
    ]),
    ("range: [age]", "range: [age, surname]", [
        f"36:20 {AT}.indexes[1].range has more than one attribute",
    ]),
    ("            range: [age]\n", "", [
        f"34:13 {AT}.indexes[1] has no 'range' | Give it one attribute: `range: [age]`.",
    ]),
    ("name: by-age", "name: by-key", [
        f"34:19 {AT}.indexes[1].name: there are two of the name 'by-key' | Every entity has it "
        "already.",
    ]),
    ("name: by-age", "name: surname", [
        f"34:19 {AT}.indexes[1].name: there are two of the name 'surname' | Rename one of the two.",
    ]),
    ("partition: [surname]", "partition: surname", [
        f"35:24 {AT}.indexes[1].partition must be a list, found the text 'surname' | Begin each of "
        "its attributes with '- '.",
    ]),
]
# fmt: on


@pytest.mark.parametrize(("old", "new", "problems"), CHANGES)
def test_what_forge_does_not_take_is_said(old: str, new: str, problems: list[str]) -> None:
    """Place, words and hint."""
    assert said(EMPLOYEE.replace(old, new, 1)) == problems


@pytest.mark.parametrize(("number", "sound"), [(20, True), (21, False)])
def test_an_app_has_twenty_entities(number: int, sound: bool) -> None:
    """And each name once."""
    names = "".join(f"      - name: thing-{n}\n" for n in range(number))
    head = "  storage:\n    entities:\n"

    assert (said(head + names) == []) is sound
    twice = said(head + "      - name: thing\n" * 2)
    assert twice == [
        "28:15 app.storage.entities[1].name: there are two of the name 'thing' | Rename one of the "
        "two."
    ]


@pytest.mark.parametrize(("number", "sound"), [(50, True), (51, False)])
def test_an_entity_has_fifty_attributes(number: int, sound: bool) -> None:
    """Each with its type."""
    attributes = "".join(f"          a{n}: {{type: float}}\n" for n in range(number))
    head = "  storage:\n    entities:\n      - name: thing\n        attributes:\n"

    assert (said(head + attributes) == []) is sound


@pytest.mark.parametrize(("number", "sound"), [(7, True), (8, False)])
def test_an_entity_has_seven_indexes(number: int, sound: bool) -> None:
    """`by-key` does not count."""
    indexes = "".join(f"          - {{name: index-{n}, range: [a]}}\n" for n in range(number))
    head = (
        "  storage:\n    entities:\n      - name: thing\n        attributes: {a: {type: float}}\n"
        "        indexes:\n"
    )

    assert (said(head + indexes) == []) is sound


@pytest.mark.parametrize("text", ["5", "[]", "[5]", "{a: 1}"])
def test_entities_of_another_shape_are_no_crash(text: str) -> None:
    """One problem each."""
    assert len(said(f"  storage:\n    entities: {text}\n")) == 1
