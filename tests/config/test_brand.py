"""The brand in the configuration: what can't be read, fetched or trusted in a style is refused."""

import re
from pathlib import Path

import pytest

from pprmail.config import load
from pprmail.config.settings import BrandColours
from pprmail.errors import ConfigError


def brand(folder: Path, *lines: str) -> BrandColours:
    config = folder / "config.toml"
    config.write_text("\n".join(["[brand]", *lines]))
    return load(config).brand


def refusal(folder: Path, *lines: str) -> str:
    with pytest.raises(ConfigError) as caught:
        brand(folder, *lines)
    assert caught.value.where == str(folder / "config.toml")
    return caught.value.message


def test_a_colour_that_can_t_be_read_is_refused_with_its_ratio_and_the_nearest(
    tmp_path: Path,
) -> None:
    message = refusal(tmp_path, 'accent = "#ffcc00"')
    assert message.startswith(
        "[brand]: accent #ffcc00 has a contrast of 1.34:1 on the background (#f4f1ea), "
        "and readers need 4.5:1; the nearest that passes is accent #"
    )


def test_what_is_proposed_is_taken(tmp_path: Path) -> None:
    nearest = re.findall("#[0-9a-f]{6}", refusal(tmp_path, 'accent = "#ffcc00"'))[-1]
    assert brand(tmp_path, f'accent = "{nearest}"').accent == nearest


def test_two_colours_that_can_t_be_read_are_both_named(tmp_path: Path) -> None:
    message = refusal(tmp_path, 'accent = "#ffcc00"', 'text = "#bbbbbb"')
    assert "text #bbbbbb" in message
    assert "accent #ffcc00" in message


def test_a_dark_background_is_refused_under_dark_text(tmp_path: Path) -> None:
    assert "passes is background #" in refusal(tmp_path, 'background = "#22272b"')


def test_a_refused_colour_of_the_environment_is_refused_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PPRMAIL_BRAND__ACCENT", "#ffcc00")
    assert "#ffcc00" in refusal(tmp_path)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Palatino, serif", "Palatino, serif"),
        ("'Book Antiqua', Palatino,serif", "'Book Antiqua', Palatino, serif"),
        ("Gill Sans,  sans-serif", "'Gill Sans', sans-serif"),
        ("-apple-system, sans-serif", "-apple-system, sans-serif"),
        ("monospace", "monospace"),
    ],
)
def test_a_list_of_fonts_is_written_as_css_has_it(tmp_path: Path, written: str, read: str) -> None:
    assert brand(tmp_path, f'fonts = "{written}"').fonts == read


@pytest.mark.parametrize(
    "written",
    [
        "",
        "Georgia",
        "serif, Georgia",
        "Georgia; color: red, serif",
        "url(https://example.org/font), serif",
        "Georgia}, serif",
        "</style>, serif",
        "Georgia,, serif",
        "Schrift Ü, serif",
    ],
)
def test_what_is_no_list_of_fonts_is_refused(tmp_path: Path, written: str) -> None:
    assert refusal(tmp_path, f'fonts = "{written}"').startswith("[brand] fonts: ")


@pytest.mark.parametrize(
    "written",
    ["", "https://example.org/logo.png", "https://x.org/a.jpg?v=2"],
)
def test_a_logo_is_a_whole_address(tmp_path: Path, written: str) -> None:
    assert brand(tmp_path, f'logo_url = "{written}"').logo_url == written


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("http://example.org/logo.png", "https"),
        ("//example.org/logo.png", "https"),
        ("logo.png", "https"),
        ("http://127.0.0.1:8000/logo.png", "https"),
        ("https://example.org/a logo.png", "blanks"),
        ("data:image/png;base64,AAAA", "https"),
        ("https:///logo.png", "https"),
        ("https://example.org/logo.svg", "PNG"),
        ("https://example.org/logo.WEBP?x=1", "PNG"),
    ],
)
def test_a_logo_that_no_mail_program_shows_is_refused(
    tmp_path: Path, written: str, why: str
) -> None:
    assert why in refusal(tmp_path, f'logo_url = "{written}"')
