"""Files of lists, as Excel and other systems really write them, byte by byte."""

import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from making import ALLIANCE, MASTHEAD, TOPICS, TRAINING
from pprmail.errors import SourceError
from pprmail.sources.list_file import LARGEST_LIST
from pprmail.sources.subscriber_list import SubscriberList, Told, read_subscribers

FRENCH = (
    "email;name;topics;status\r\n"
    'zoe@example.org;Zoé Lefèvre;"Training;Alliance and Therapeutic Relationship";active\r\n'
    "cœur@example.org;C’est tout;;désabonné\r\n"
)


def read(folder: Path, data: bytes) -> SubscriberList:
    path = folder / "list.csv"
    path.write_bytes(data)
    return read_subscribers(Told(path, MASTHEAD.zone), TOPICS)


def refusal(folder: Path, data: bytes) -> SourceError:
    with pytest.raises(SourceError) as caught:
        read(folder, data)
    assert caught.value.where.startswith(str(folder / "list.csv"))
    return caught.value


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("cp1252", "Windows-1252"),
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("utf-16", "UTF-16"),
    ],
)
def test_a_french_excel_is_read_whatever_it_saves_as(
    tmp_path: Path, encoding: str, said: str
) -> None:
    found = read(tmp_path, FRENCH.replace("cœur", "coeur").encode(encoding))
    (_, zoe), (_, other) = found.lines
    assert (zoe.name, zoe.topics) == ("Zoé Lefèvre", [TRAINING, ALLIANCE])
    assert (other.name, other.status, other.end_reason) == ("C’est tout", "ended", "unsubscribed")
    assert found.found == f"{said}, semicolon between columns"


def test_big_endian_utf_16_is_read_with_its_mark(tmp_path: Path) -> None:
    data = "\ufeffemail\tname\r\nann@example.org\tÉva\r\n".encode("utf-16-be")
    found = read(tmp_path, data)
    assert found.lines[0][1].name == "Éva"
    assert found.found == "UTF-16, tab between columns"


@pytest.mark.parametrize(("separator", "name"), [(",", "comma"), (";", "semicolon"), ("\t", "tab")])
def test_the_separator_is_found_and_shown(tmp_path: Path, separator: str, name: str) -> None:
    text = f"email{separator}name\nann@example.org{separator}Ann\n"
    found = read(tmp_path, text.encode())
    assert found.lines[0][1].name == "Ann"
    assert found.found.endswith(f"{name} between columns")


def test_a_file_of_one_column_needs_no_separator(tmp_path: Path) -> None:
    assert len(read(tmp_path, b"email\nann@example.org\nbo@example.org\n").lines) == 2


def test_the_line_that_excel_writes_for_itself_is_no_header(tmp_path: Path) -> None:
    found = read(tmp_path, b"sep=;\r\nemail;name\r\nnobody;Ann\r\n")
    assert found.refused[0].where.endswith("list.csv:line 3")


def test_line_ends_of_old_macs_part_lines_too(tmp_path: Path) -> None:
    assert len(read(tmp_path, b"email,name\rann@example.org,Ann\rbo@example.org,Bo").lines) == 2


def test_columns_without_a_name_may_trail_as_long_as_they_are_empty(tmp_path: Path) -> None:
    found = read(tmp_path, b"email;name;;\nann@example.org;Ann;;\nbo@example.org;Bo;x;\n")
    assert len(found.lines) == 1
    assert found.refused[0].reason == (
        "a value stands in a column that has no name in the first line"
    )


def test_a_workbook_handed_in_by_mistake_is_named(tmp_path: Path) -> None:
    workbook = BytesIO()
    with zipfile.ZipFile(workbook, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
    for data in (workbook.getvalue(), b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)):
        error = refusal(tmp_path, data)
        assert error.message == "this is an Excel workbook; save it as CSV UTF-8"
        assert "Save As" in error.remedy


def test_an_archive_is_to_be_unpacked(tmp_path: Path) -> None:
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("subscribed.csv", "email\n")
    assert "unpack it" in refusal(tmp_path, archive.getvalue()).remedy


@pytest.mark.parametrize(
    "data",
    [
        b"email,name\nann@example.org,A\0nn\n",
        "email\nann@example.org\n".encode("utf-16-le"),
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    ],
)
def test_zero_bytes_are_no_text(tmp_path: Path, data: bytes) -> None:
    assert refusal(tmp_path, data).message == "this is a binary file"


def test_half_a_utf_16_file_is_refused(tmp_path: Path) -> None:
    assert "can't be read" in refusal(tmp_path, "email\nann".encode("utf-16")[:-1]).message


def test_damaged_utf_8_is_not_taken_for_an_old_encoding(tmp_path: Path) -> None:
    data = "email,name\nann@example.org,Éléonore\nbo@example.org,B".encode() + b"\xff\n"
    error = refusal(tmp_path, data)
    assert error.message == "a letter can't be read: byte 0xff in line 3"
    assert "CSV UTF-8" in error.remedy


def test_a_byte_that_no_encoding_has_is_named_with_its_line(tmp_path: Path) -> None:
    error = refusal(tmp_path, b"email,name\nann@example.org,An\x81n\n")
    assert error.message == "a letter can't be read: byte 0x81 in line 2"


@pytest.mark.parametrize(
    ("lines", "line"),
    [
        ('email,name\nann@example.org,"Ann" M\n', 2),
        ('email,name\nann@example.org,Ann\nbo@example.org,"Bo\ncy@example.org,Cy\n', 3),
    ],
)
def test_broken_quoting_names_the_line_it_begins_in(tmp_path: Path, lines: str, line: int) -> None:
    error = refusal(tmp_path, lines.encode())
    assert "not CSV" in error.message
    assert error.where.endswith(f"list.csv:{line}")
    assert "quotation mark" in error.remedy


def test_a_quotation_mark_within_a_cell_is_a_letter_like_others(tmp_path: Path) -> None:
    found = read(tmp_path, b'email,name\nann@example.org,Ann "Nan" Lee\nbo@example.org,6" Bo\n')
    assert [line.name for _, line in found.lines] == ['Ann "Nan" Lee', '6" Bo']


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", b"\r\n \r\n", b"\xff\xfe"])
def test_an_empty_file_is_empty(tmp_path: Path, data: bytes) -> None:
    assert refusal(tmp_path, data).message == "the file is empty"


@pytest.mark.parametrize("data", [b"sep=;", b"sep=;\n\n", b",,,\n", b";\n"])
def test_a_file_without_a_header_names_no_columns(tmp_path: Path, data: bytes) -> None:
    assert "columns" in refusal(tmp_path, data).message


def test_a_file_of_sixty_megabytes_is_read_and_a_larger_one_refused(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    with path.open("wb") as file:
        file.truncate(LARGEST_LIST + 1)
    with pytest.raises(SourceError, match="larger than 60 MB"):
        read_subscribers(Told(path, MASTHEAD.zone), TOPICS)
