"""Text files: whatever is no readable text is refused, with what it is instead."""

from pathlib import Path

import pytest

from pprmail.errors import SourceError
from pprmail.sources.files import LARGEST_FILE, read_text


def _written(folder: Path, data: bytes) -> Path:
    path = folder / "summary.md"
    path.write_bytes(data)
    return path


def _refusal(path: Path) -> SourceError:
    with pytest.raises(SourceError) as caught:
        read_text(path)
    assert caught.value.where == str(path)
    return caught.value


def test_text_is_given_without_mark_and_with_line_ends_as_on_unix(tmp_path: Path) -> None:
    path = _written(tmp_path, "\ufeffOne été\r\ntwo\rthree\n".encode())
    assert read_text(path) == "One été\ntwo\nthree\n"


def test_a_mark_within_the_text_stays(tmp_path: Path) -> None:
    assert read_text(_written(tmp_path, "One\ufefftwo".encode())) == "One\ufefftwo"


def test_latin_1_is_refused_with_byte_and_line(tmp_path: Path) -> None:
    error = _refusal(_written(tmp_path, "One\nTwo\nAn été".encode("latin-1")))
    assert "byte 0xe9 in line 3" in error.message
    assert error.remedy == "save it as UTF-8"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
def test_utf_16_with_its_mark_is_text_to_be_saved_anew(tmp_path: Path, encoding: str) -> None:
    mark = "\ufeff" if encoding.endswith("be") else ""
    error = _refusal(_written(tmp_path, f"{mark}Some words".encode(encoding)))
    assert "not UTF-8" in error.message
    assert error.remedy == "save it as UTF-8"


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"PK\x03\x04\x14\0\x9c\xff"])
def test_a_picture_or_an_archive_is_no_text_to_be_saved_anew(tmp_path: Path, data: bytes) -> None:
    assert _refusal(_written(tmp_path, data)).remedy == "choose a text or HTML file"


def test_a_file_with_a_zero_byte_is_binary(tmp_path: Path) -> None:
    assert "binary" in _refusal(_written(tmp_path, b"Some\0words")).message


@pytest.mark.parametrize("data", [b"", b" \n\t\r\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"])
def test_a_file_without_a_word_is_empty(tmp_path: Path, data: bytes) -> None:
    assert "empty" in _refusal(_written(tmp_path, data)).message


def test_a_file_may_be_as_large_as_the_limit_and_no_larger(tmp_path: Path) -> None:
    whole = b"a" * LARGEST_FILE
    assert len(read_text(_written(tmp_path, whole))) == LARGEST_FILE
    assert "larger than 5 MB" in _refusal(_written(tmp_path, whole + b"a")).message


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    assert "No such file" in _refusal(tmp_path / "missing.md").message


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert "directory" in _refusal(tmp_path).message
