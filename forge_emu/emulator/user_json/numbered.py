"""Numbers in the JSON text of what is sent many times by hand."""

from __future__ import annotations

import re
from typing import Final

# In JSON text a brace with a bare word stands within strings only.
_NUMBER: Final = re.compile(rb'\{"\$number":"\{n\}"\}|\{n\}')


def numbered(text: bytes, number: int) -> bytes:
    """`text`, which msgspec has encoded, with `number` for each `{n}` in it and each
    `{"$number": "{n}"}`."""
    return _NUMBER.sub(b"%d" % number, text)
