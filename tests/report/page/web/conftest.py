"""A browser, and the report of an import that is open in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import browser
from tests.report.page.pages import import_of_issues
from tests.report.page.web.page_actions import LAPTOP

ALL_EVENTS = 2_400


@pytest.fixture(scope="module")
def chromium() -> Iterator[browser.Browser]:
    """One browser for all tests; each opens a tab of its own."""
    with browser.open_browser() as found:
        yield found


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An import of 1,200 issues: as many product events as queued ones."""
    file = tmp_path_factory.mktemp("page") / "report.html"
    return import_of_issues(ALL_EVENTS // 2).write(file, 200_000)


@pytest.fixture
def page(chromium: browser.Browser, report: Path) -> Iterator[browser.Page]:
    """The report, open on a laptop."""
    opened = browser.Page(chromium, *LAPTOP)
    opened.open(report)
    yield opened
    assert opened.errors == []
    opened.close()
