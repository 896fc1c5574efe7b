"""What is kept of a request and its answer: no header, no body of the store of secrets."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from forge_emu.payloads.entries import KeptRequest
from forge_emu.ports import AppRequest, AppResponse
from forge_emu.services import egress, kvs, storage
from forge_emu.services.mocks.addresses import shown_address

MOST_TEXT: Final = 64_000
"""Characters of a body; the rest of a longer one is left out."""

HIDDEN: Final = "[a secret of the store]"
"""Stands for the bodies of calls of the store of secrets."""

NOT_KEPT: Final = "(not kept: nothing has read it to its end, at its real address)"
"""Stands for the answer to a request that a host has sent out, until the host tells it."""

_ENCRYPTED: Final = re.compile(r'"encrypted"\s*:\s*true')
_BINARY: Final = re.compile("[\x00-\x08\x0e-\x1f\ufffd]")

Mask = Callable[[str], str]


def asked(message: AppRequest, mask: Mask) -> KeptRequest:
    """A request, before it is answered."""
    is_outside = message.options.get("type") == egress.TYPE
    url = shown_url(message.path, mask) if is_outside else mask(message.path)
    sent = HIDDEN if is_secret_call(message) else kept_text(message.body, mask)
    return KeptRequest(message.method, url, sent=sent)


def answered(request: KeptRequest, response: AppResponse, mask: Mask) -> None:
    """Note the answer; that of a request that goes out comes later."""
    if response.remote is not None:
        request.url = shown_url(response.remote.url, mask)
        return
    if response.network == "send":
        request.answer = NOT_KEPT
        return
    request.status = None if response.network == "fail" else response.status
    request.answer = HIDDEN if request.sent == HIDDEN else kept_text(response.body, mask)


def shown_url(url: str, mask: Mask) -> str:
    """An address outside the platform, as records show it."""
    return mask("".join(shown_address(url)) or url)


def is_secret_call(message: AppRequest) -> bool:
    """Whether its bodies hold a value of the store of secrets."""
    if message.options.get("type") == "kvs":
        return message.path.startswith(f"{kvs.PREFIX}secret/")
    return message.path == storage.PATH and _ENCRYPTED.search(message.body or "") is not None


def answer_text(body: str, cut: bool, mask: Mask) -> str | None:
    """The body of an answer that a host tells; of one that is `cut`, the begin."""
    if not cut or _is_binary(body):
        return kept_text(body, mask)
    # At the end of what has come a secret may be cut in two.
    return f"{mask(body)[:MOST_TEXT]}… (cut: it is longer)"


def _is_binary(text: str) -> bool:
    # Most bodies are one line of JSON, of which it is known at once.
    printable = text.isprintable() and "\ufffd" not in text
    return not printable and _BINARY.search(text) is not None


def kept_text(text: str | None, mask: Mask) -> str | None:
    """A body without secrets; what is long is cut, what is binary is left out, in words."""
    if not text:
        return None
    if len(text) > MOST_TEXT:
        # Masked first: a secret must not be cut in two.
        masked = mask(text)
        return f"{masked[:MOST_TEXT]}… ({len(text):,} characters in all)"
    if _is_binary(text):
        return f"({len(text):,} characters of binary data)"
    return mask(text)
