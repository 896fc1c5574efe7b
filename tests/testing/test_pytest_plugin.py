"""The pytest plugin: the fixture, its marker, and what stands under a failed test."""

from __future__ import annotations

import sys
from importlib.machinery import SourceFileLoader

import pytest

from tests.testing.app import MANIFEST, SOURCE

pytest_plugins = ["pytester"]

TESTS = """
import pytest

pytestmark = pytest.mark.forge_emu("my-app", seed=1)

def test_passes(forge_emu):
    forge_emu.trigger("issue-created", count=3)
    forge_emu.until_idle()
    assert forge_emu.dropped == []

@pytest.mark.forge_emu(kvs={"bad": ["EMU-1"]}, settings={"async_events.max_retries": 0})
def test_fails(forge_emu):
    forge_emu.trigger("issue-created", count=2)
    forge_emu.until_idle()
    assert forge_emu.dropped == []
"""


def write_tests(pytester: pytest.Pytester) -> None:
    """An app in `my-app`, and its tests."""
    source = pytester.mkdir("my-app")
    (source / "src").mkdir()
    (source / "manifest.yml").write_text(MANIFEST, "utf-8")
    (source / "src" / "index.py").write_text(SOURCE, "utf-8")
    pytester.makepyfile(test_my_app=TESTS)


def test_tests_pass_and_fail_for_the_right_reasons(pytester: pytest.Pytester) -> None:
    """The failed one shows the story of the event that was lost, and no other."""
    write_tests(pytester)
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*forge-emu*",
            "at 60000 ms: 2 product events, 2 events of queues, 1 of all not succeeded, 0 *",
            "! 1 event dropped after the last retry, *",
            "*of notes, EMU-1: dropped (max_retries) after 1 attempt",
            "*dropped*max_retries*",
        ]
    )


def test_the_app_can_be_named_once_for_all_tests(pytester: pytest.Pytester) -> None:
    """In pytest's own configuration; the marker is known to it."""
    write_tests(pytester)
    pytester.makeini("[pytest]\nforge_emu_app = my-app\n")
    pytester.makepyfile(
        test_my_app="""
        def test_app(forge_emu):
            assert forge_emu.invoke("double", {"n": 2}) == 4
        """
    )
    pytester.runpytest_subprocess("--strict-markers").assert_outcomes(passed=1)


SHARED = """
import os
import pytest

pytestmark = pytest.mark.forge_emu("my-app", seed=1, scope="module")
used = []

@pytest.mark.parametrize("n", range(3))
def test_each_finds_it_new(forge_emu, n):
    used.append(forge_emu)
    assert forge_emu is used[0]
    assert (forge_emu.clock.now, forge_emu.events, dict(forge_emu.kvs)) == (0, [], {})
    forge_emu.kvs["slow"] = ["EMU-1"]
    forge_emu.trigger("issue-created", count=3)
    forge_emu.until_idle()
    assert [event.subject for event in forge_emu.product_events] == ["EMU-1", "EMU-2", "EMU-3"]

@pytest.mark.forge_emu(kvs={"other": 1})
def test_other_options_have_one_of_their_own(forge_emu):
    assert forge_emu is not used[0]
    assert dict(forge_emu.kvs) == {"other": 1}
    forge_emu.trigger("issue-created")
    forge_emu.clock.advance(0)

def test_a_failure_shows_this_tests_events_alone(forge_emu):
    forge_emu.trigger("issue-created", key="EMU-7")
    forge_emu.clock.advance(1)
    assert forge_emu.queue("notes").pending == 0
"""


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_tests_share_an_emulator_that_each_finds_new(
    pytester: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    """Of a module; with xdist each process has its own."""
    write_tests(pytester)
    pytester.makepyfile(test_my_app=SHARED, test_other=SHARED)
    if workers:
        pytester.makeini("[pytest]\naddopts = --dist loadfile\n")
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", *workers)
    result.assert_outcomes(passed=8, failed=2)
    result.stdout.fnmatch_lines(
        [
            "at 1000 ms: 1 product event, 1 event of queues, 1 of all not succeeded, *",
            "*EMU-7: pending*",
        ]
    )
    assert "EMU-1" not in result.stdout.str()


def test_a_test_that_leaves_a_handler_at_work_costs_the_next_a_start(
    pytester: pytest.Pytester,
) -> None:
    """It gets a new emulator."""
    write_tests(pytester)
    (pytester.path / "my-app" / "src" / "index.py").write_text(
        "import asyncio\n\nasync def created(event):\n    await asyncio.sleep(9)\n\n"
        "store = double = created\n",
        "utf-8",
    )
    pytester.makepyfile(
        test_my_app="""
        import pytest

        pytestmark = pytest.mark.forge_emu("my-app", seed=1)

        @pytest.mark.parametrize("n", range(2))
        def test_app(forge_emu, n):
            assert forge_emu.product_events == []
            forge_emu.trigger("issue-created")
            forge_emu.clock.advance(1)
        """
    )
    pytester.makeini("[pytest]\nforge_emu_scope = session\n")
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=2)


def test_the_package_is_imported_as_it_is() -> None:
    """pytest rewrites none of its modules, and they come from their bytecode."""
    loaders = {type(each.__loader__) for name, each in sys.modules.items() if is_product(name)}
    assert loaders == {SourceFileLoader}


def is_product(name: str) -> bool:
    """All but the plugin, which pytest has imported before it could be asked."""
    return name.startswith("forge_emu.") and name != "forge_emu.pytest_plugin"


def test_a_scope_that_is_none_is_named(pytester: pytest.Pytester) -> None:
    """With those that there are."""
    write_tests(pytester)
    pytester.makeini("[pytest]\nforge_emu_scope = clas\n")
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines(["*the scope 'clas' is none of function, module, session*"])


def test_what_is_wrong_is_told_without_a_traceback(pytester: pytest.Pytester) -> None:
    """App and options at the start; in a test, the error has its hint."""
    write_tests(pytester)
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.forge_emu("nowhere")
        def test_no_app(forge_emu):
            pass

        @pytest.mark.forge_emu("my-app", settings={"limits.nope": 1}, scope="module")
        def test_no_setting(forge_emu):
            pass

        @pytest.mark.forge_emu("my-app", sead=1)
        def test_no_option(forge_emu):
            pass

        @pytest.mark.forge_emu(app="broken")
        def test_no_handler(forge_emu):
            pass

        @pytest.mark.forge_emu(app="my-app")
        def test_no_event(forge_emu):
            forge_emu.trigger("issue-craeted")
        """
    )
    (pytester.path / "test_my_app.py").unlink(missing_ok=True)
    (pytester.mkdir("broken") / "manifest.yml").write_text("modules: {}\nap: {}\n", "utf-8")
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.assert_outcomes(failed=1, errors=4)
    result.stdout.fnmatch_lines(
        [
            "forge_emu: *nowhere' is no directory",
            "hint: Give the directory of manifest.yml.",
            "forge_emu: settings: there is no setting 'limits.nope'",
            "forge_emu: an emulator has no option 'sead'",
            "hint: Did you mean seed?",
            "forge_emu: manifest.yml:*",
            "hint: Did you mean app?",
            "*no event is called 'issue-craeted'",
            "*hint: *issue-created*",
        ]
    )
    result.stdout.no_fnmatch_line("*runners.py*")
    result.stdout.no_fnmatch_line("*find_template*")
