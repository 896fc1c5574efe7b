"""What a running emulator answers to a shell that completes: without the HTTP client, which takes
longer to load than a shell should wait."""

from __future__ import annotations

import http.client
import json
from pathlib import Path
from typing import Final
from urllib.parse import urlencode, urlsplit

from forge_emu.control.session import find_session
from forge_emu.errors import ForgeEmuError
from forge_emu.model import Json

_SECONDS: Final = 1.0
_MOST_BYTES: Final = 5_000_000


def emulator_answer(app_dir: Path, path: str, **query: object) -> Json:
    """The JSON of a GET request to the emulator of the app at `app_dir`; None without an answer."""
    try:
        session = find_session(app_dir.resolve())
        place = urlsplit(session.url)
        connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=_SECONDS)
        try:
            connection.request(
                "GET",
                f"{path}?{urlencode(query)}",
                headers={"authorization": f"Bearer {session.token}"},
            )
            answer = connection.getresponse()
            found: Json = json.loads(answer.read(_MOST_BYTES)) if answer.status == 200 else None
        finally:
            connection.close()
    except (OSError, ValueError, http.client.HTTPException, ForgeEmuError):
        return None
    return found
