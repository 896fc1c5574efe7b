"""JSON that a user wrote: what is wrong with it, and in which line and column."""

from __future__ import annotations

import json

from forge_emu.errors import UserError
from forge_emu.model import Json


def decode_json(text: bytes, name: str, hint: str) -> Json:
    """`text` as JSON. Raises UserError that says where in `name` it is wrong."""
    try:
        # The standard library's decoder knows line and column.
        return json.loads(text)
    except UnicodeDecodeError as error:
        raise UserError(f"{name} is not UTF-8 text (byte {error.start})") from None
    except json.JSONDecodeError as error:
        raise UserError(f"{name}:{error.lineno}:{error.colno} {error.msg}", hint) from None
    except RecursionError:
        raise UserError(f"{name} is nested too deeply") from None
    except ValueError:
        # Python reads whole numbers of so many digits only when told to.
        raise UserError(f"{name} has a number of thousands of digits") from None
