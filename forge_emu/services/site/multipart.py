"""The files in a body of type `multipart/form-data`, with the standard library's parser."""

from __future__ import annotations

from dataclasses import dataclass
from email import message_from_string
from email.message import Message


@dataclass(frozen=True)
class UploadedFile:
    """A part of a body: the field that it belongs to, its file name, its type, its text."""

    field: str
    name: str
    content_type: str
    text: str


def read_files(body: str) -> list[UploadedFile]:
    """The parts of `body` that have a file name; none where it is no such body.

    Its first line is the boundary, so that no header is needed.
    """
    first = body.lstrip("\r\n").partition("\n")[0].rstrip("\r")
    if not first.startswith("--"):
        return []
    head = f'Content-Type: multipart/form-data; boundary="{first[2:]}"\r\n\r\n'
    message: Message = message_from_string(head + body)
    if not message.is_multipart():
        return []
    return [_file(part) for part in message.walk() if part.get_filename()]


def _file(part: Message) -> UploadedFile:
    field = part.get_param("name", "", header="content-disposition")
    text = part.get_payload()
    return UploadedFile(
        field if isinstance(field, str) else "",
        part.get_filename() or "",
        part.get_content_type() if part["content-type"] else "application/octet-stream",
        text if isinstance(text, str) else "",
    )
