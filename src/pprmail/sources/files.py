"""Reading a text file: bounded, in UTF-8, with an error that says what the file is instead."""

from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from pathlib import Path
from typing import Final

from pprmail.errors import SourceError

LARGEST_FILE: Final = 5_000_000
"""Bytes; the blog's whole archive of ten years is well under two million."""


def read_text(path: Path, *, largest: int = LARGEST_FILE) -> str:
    """Give a file's text without its byte order mark, its line ends as on Unix."""
    return text_in(read_bytes(path, largest), path)


def text_in(data: bytes, path: Path) -> str:
    """Give the text of a file that was read, or sent by a browser under this name."""
    text = _decoded(data, path)
    if "\0" in text:
        raise SourceError("this is a binary file", where=str(path), remedy="choose a text file")
    if not text.strip():
        raise SourceError("the file is empty", where=str(path))
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_bytes(path: Path, largest: int) -> bytes:
    """Give a file's bytes; one that is larger than it may be is an error."""
    try:
        with path.open("rb") as file:
            data = file.read(largest + 1)
    except OSError as error:
        raise SourceError(f"can't be read: {error.strerror}", where=str(path)) from None
    if len(data) > largest:
        raise SourceError(
            f"the file is larger than {largest // 1_000_000} MB",
            where=str(path),
            remedy="this can't be what was meant; split it if it is",
        )
    return data


def _decoded(data: bytes, path: Path) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        is_text = b"\0" not in data or data.startswith((BOM_UTF16_LE, BOM_UTF16_BE))
        line = data.count(b"\n", 0, error.start) + 1
        raise SourceError(
            f"this is not UTF-8 text: byte 0x{data[error.start]:02x} in line {line}",
            where=str(path),
            remedy="save it as UTF-8" if is_text else "choose a text or HTML file",
        ) from None
