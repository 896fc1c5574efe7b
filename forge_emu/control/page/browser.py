"""Opens a link in the user's browser."""

from __future__ import annotations

import os
import webbrowser


def open_link(link: str) -> bool:
    """Whether a browser was started for `link`.

    One that draws in a terminal is not, unless the user names it in `BROWSER`: the terminal is in
    use already.
    """
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return False
    if type(browser) is webbrowser.GenericBrowser and not os.environ.get("BROWSER"):
        return False
    return browser.open(link)
