"""JSON that a user wrote: what is wrong with it, and in which line and column."""

from __future__ import annotations

import json
import math
import re
from typing import NoReturn

from forge_emu.errors import UserError
from forge_emu.model import Json

_SURROGATE = re.compile(rb"\\\0*u\0*[dD]\0*[89a-fA-F]")
"""An escape of half a surrogate pair, also in UTF-16."""
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[-+.\w]+')


def decode_json(text: bytes, name: str, hint: str) -> Json:
    """`text` as JSON. Raises UserError that says where in `name` it is wrong.

    Numbers that no double can hold and halves of surrogate pairs are refused: what reads the value
    later, in whichever language, would take it for another one, or for none.
    """
    try:
        # The standard library's decoder knows line and column, and ends well without memory.
        decoded: Json = json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except _RefusedError:
        raise UserError(_refused_token(text, name), hint) from None
    except UnicodeDecodeError as error:
        raise UserError(f"{name} is not UTF-8 text (byte {error.start})") from None
    except json.JSONDecodeError as error:
        raise UserError(f"{name}:{error.lineno}:{error.colno} {error.msg}", hint) from None
    except RecursionError:
        raise UserError(f"{name} is nested too deeply") from None
    except ValueError:
        # Python reads whole numbers of so many digits only when told to.
        raise UserError(f"{name} has a number of thousands of digits") from None
    if _SURROGATE.search(text) and (said := _refused_token(text, name)):
        raise UserError(said, hint)
    return decoded


class _RefusedError(Exception):
    """A number that is none, or too large."""


def _refuse(word: str) -> NoReturn:
    raise _RefusedError(word)


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _refuse(text)


def _refused_token(content: bytes, name: str) -> str:
    """What only the standard library's decoder takes, and where it is; empty without any."""
    text = content.decode(json.detect_encoding(content))
    for found in _TOKEN.finditer(text):
        if what := _fault_of(found[0]):
            line = text.count("\n", 0, found.start()) + 1
            column = found.start() - text.rfind("\n", 0, found.start())
            return f"{name}:{line}:{column} {found[0][:60]} {what}"
    return ""


def _fault_of(token: str) -> str | None:
    if token.startswith('"'):
        try:
            json.loads(token).encode()
        except UnicodeEncodeError:
            return "has half of a surrogate pair, which stands for no character"
        except ValueError:
            return "is no text"
        return None
    if token in ("true", "false", "null"):
        return None
    try:
        return None if math.isfinite(float(token)) else "is no number of JSON, or too large"
    except ValueError:
        return "is no number of JSON"
