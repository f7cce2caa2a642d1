"""The file that a list comes in: how its letters are coded, and what stands between its columns."""

import csv
import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pprmail.errors import SourceError
from pprmail.sources.files import read_bytes

LARGEST_LIST: Final = 60_000_000
SEPARATORS: Final = {",": "comma", ";": "semicolon", "\t": "tab"}

_OLD_WORKBOOK: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP: Final = b"PK\x03\x04"
_TOLD_SEPARATOR: Final = re.compile(r"sep=([,;\t])[ \t]*(?=\r|\n|$)", re.IGNORECASE)
_AS_CSV: Final = "in Excel: File, Save As, “CSV UTF-8 (Comma delimited)”"


@dataclass(frozen=True)
class ListFile:
    """The text of a list, and how it was found to be written."""

    text: str
    encoding: str
    separator: str

    @property
    def found(self) -> str:
        """Say how it is written."""
        return f"{self.encoding}, {SEPARATORS[self.separator]} between columns"


def read_list_file(path: Path) -> ListFile:
    """Read a file of any encoding that Excel writes; what is no table of text is an error."""
    return list_file_of(read_bytes(path, LARGEST_LIST), path)


def list_file_of(data: bytes, path: Path) -> ListFile:
    """Understand the bytes of a list; `path` is how errors name it."""
    _refuse_workbook(data, path)
    text, encoding = _decoded(data, path)
    if "\0" in text:
        raise SourceError("this is a binary file", where=str(path), remedy="choose a CSV file")
    if not text.strip():
        raise SourceError("the file is empty", where=str(path))
    told = _TOLD_SEPARATOR.match(text)
    if told:
        # Excel writes this line for itself. What is left of it is blank, so that places stay right.
        return ListFile(text[told.end() :], encoding, told[1])
    return ListFile(text, encoding, _separator(text))


def _refuse_workbook(data: bytes, path: Path) -> None:
    if data.startswith(_OLD_WORKBOOK) or (data.startswith(_ZIP) and b"xl/" in data):
        raise SourceError(
            "this is an Excel workbook; save it as CSV UTF-8", where=str(path), remedy=_AS_CSV
        )
    if data.startswith(_ZIP):
        raise SourceError(
            "this is a zip archive", where=str(path), remedy="unpack it, and import the CSV in it"
        )


def _decoded(data: bytes, path: Path) -> tuple[str, str]:
    if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return _as(data, "utf-16", path), "UTF-16"
    try:
        return data.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError as error:
        if _is_broken_utf8(data):
            raise _undecoded(data, error, path) from None
    return _as(data, "cp1252", path), "Windows-1252"


def _is_broken_utf8(data: bytes) -> bool:
    """Tell whether most of what is not ASCII is UTF-8: then the rest is damaged, not another code."""
    whole = data.decode("utf-8-sig", errors="ignore")
    good = sum(not character.isascii() for character in whole)
    bad = sum(byte > 127 for byte in data) - len("".join(c for c in whole if c > "\x7f").encode())
    return good > bad


def _as(data: bytes, encoding: str, path: Path) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise _undecoded(data, error, path) from None


def _undecoded(data: bytes, error: UnicodeDecodeError, path: Path) -> SourceError:
    line = data.count(b"\n", 0, error.start) + 1
    if b"\0" in data and not error.encoding.startswith("utf-16"):
        return SourceError("this is a binary file", where=str(path), remedy="choose a CSV file")
    return SourceError(
        f"a letter can't be read: byte 0x{data[error.start]:02x} in line {line}",
        where=str(path),
        remedy=f"save the file again as CSV UTF-8; {_AS_CSV}",
    )


def _separator(text: str) -> str:
    first = text.lstrip().partition("\n")[0].partition("\r")[0]
    return max(SEPARATORS, key=lambda separator: _columns_found(first, separator))


def _columns_found(line: str, separator: str) -> tuple[bool, int]:
    cells = next(csv.reader([line], delimiter=separator), [])
    return "email" in {cell.strip().lower() for cell in cells}, len(cells)
