"""Files in bodies of forms."""

from __future__ import annotations

import pytest

from forge_emu.services.site.multipart import UploadedFile, read_files

PART = 'Content-Disposition: form-data; name="{0}"; filename="{1}"\r\n{2}\r\n\r\n{3}\r\n'


def test_several_files_with_a_field_between() -> None:
    """Parts without a file name are no files; a type that is not given is bytes."""
    parts = [
        PART.format("file", "a.txt", "Content-Type: text/plain", "--a\n"),
        'Content-Disposition: form-data; name="comment"\r\n\r\nx\r\n',
        PART.format("file", "b.bin", "X: y", ""),
    ]
    body = "".join(f"--b1\r\n{part}" for part in parts) + "--b1--\r\n"

    assert read_files(body) == [
        UploadedFile("file", "a.txt", "text/plain", "--a\n"),
        UploadedFile("file", "b.bin", "application/octet-stream", ""),
    ]


@pytest.mark.parametrize("body", ["", "{}", "--b", "--b\r\n\r\n", "--\r\n", "-- \r\nx"])
def test_what_is_no_form_has_no_files(body: str) -> None:
    """And fails nowhere."""
    assert read_files(body) == []
