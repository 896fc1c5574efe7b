"""The pytest plugin: the fixture, its marker, and what stands under a failed test."""

from __future__ import annotations

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
            "at 60000 ms: 2 product events, 2 events of queues, 1 of all not succeeded",
            "*of notes, EMU-1: dropped (max_retries) after 1",
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
