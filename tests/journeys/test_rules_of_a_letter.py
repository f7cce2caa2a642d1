"""The letters that `issue preview` writes keep every rule, and a letter that breaks one is seen."""

from collections.abc import Callable, Iterator

import pytest

from cli.commanding import ok
from journeys import rules
from journeys.rules import Mail
from pprmail.shipped import shipped

MONTHS = ("2026-08", "2026-09", "2026-10", "2026-11")
CONFIG = {
    'from_email = ""': 'from_email = "letter@example.org"',
    'postal_address = ""': 'postal_address = "1 Example Street"',
    'base_url = "http://127.0.0.1:8000"': 'base_url = "https://letter.example.org"',
    'logo_url = ""': 'logo_url = "https://letter.example.org/logo.png"',
}
Rule = Callable[[Mail], Iterator[str]]
BROKEN: list[tuple[Rule, str, str]] = [
    (rules.it_can_be_left_in_one_click, "One-Click", "Two-Clicks"),
    (rules.it_can_be_left_in_one_click, "List-Unsubscribe: <https:", "List-Unsubscribe: <http:"),
    (rules.it_names_its_list, "List-Id: <letter.", "List-Id: <letter "),
    (rules.every_header_stands_once_in_plain_letters, "Date:", "From: me@example.org\r\nDate:"),
    (rules.its_lines_are_short_on_the_way, "Message-ID: <", f"Message-ID: <{'x' * 80}"),
    (rules.its_text_comes_before_its_html, "multipart/alternative", "multipart/mixed"),
    (rules.it_is_a_whole_page_in_its_language, '<html lang=3D"en"', "<html"),
    (rules.it_is_a_whole_page_in_its_language, "<!DOCTYPE html>", ""),
    (rules.its_content_is_one_named_article, 'role=3D"article"', ""),
    (rules.it_is_600_wide_in_word_too, "<!--[if mso]>", "<!--"),
    (rules.tables_for_the_layout_say_so, 'role=3D"presentation"', ""),
    (rules.headings_begin_once_and_skip_no_level, "<h2", "<h4"),
    (rules.letters_are_large_and_lines_apart, "font-size:15px", "font-size:13px"),
    (rules.every_ground_is_told_to_word_too, "bgcolor", "nocolor"),
    (rules.the_preheader_is_first_hidden_and_news, "display:none", "display:non"),
    (rules.it_has_a_dark_side, "color-scheme: light dark", "color-scheme: light"),
    (rules.its_styles_are_those_that_mail_programs_know, "padding-left:", "float:left; padding:"),
    (rules.nothing_in_it_acts, "<h1", "<form></form><h1"),
    (rules.pictures_can_be_done_without, 'alt=3D""', ""),
    (rules.links_say_where_they_lead, "Read the full issue on the web", "here"),
    (rules.addresses_are_https_and_short, "https://letter", "http://letter"),
    (rules.its_text_reads_well, "Thank you for reading", "Thank &amp; read"),
    (rules.it_is_not_cut_off, "<h1", f"<!--{'x' * 60_000}--><h1"),
    (rules.both_parts_say_who_sends_it_and_how_to_leave, "1 Example Street", "Nowhere"),
]
RULES = [each for name, each in vars(rules).items() if getattr(each, "__module__", "") == rules.__name__ and name[0].islower() and name != "declared"]  # fmt: skip


@pytest.fixture(scope="module")
def letters(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Mail]:
    """Every edition of the sample months, as `issue preview` writes it."""
    folder = tmp_path_factory.mktemp("letter") / "workspace"
    ok("init", str(folder))
    config = folder / "config.toml"
    text = config.read_text()
    for old, new in CONFIG.items():
        assert old in text
        text = text.replace(old, new)
    config.write_text(text)
    at = ("--config", str(config))
    ok("summaries", "import", str(shipped("summaries")), *at)
    for month in MONTHS:
        ok("issue", "assemble", month, *at)
        ok("issue", "preview", month, "--out", str(folder / month), *at)
    return {str(p.relative_to(folder)): Mail(p.read_bytes()) for p in folder.rglob("*.eml")}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_letter_keeps_the_rule(rule: Rule, letters: dict[str, Mail]) -> None:
    assert len(letters) > 20
    assert {name: found for name, mail in letters.items() if (found := list(rule(mail)))} == {}


@pytest.mark.parametrize(("rule", "old", "new"), BROKEN)
def test_a_letter_that_breaks_a_rule_is_seen(
    rule: Rule, old: str, new: str, letters: dict[str, Mail]
) -> None:
    raw = letters["2026-11/edition-1-2-3.eml"].raw
    assert old.encode() in raw
    assert list(rule(Mail(raw.replace(old.encode(), new.encode()))))


def test_every_rule_is_seen_to_be_broken_once() -> None:
    assert {rule for rule, _, _ in BROKEN} == set(RULES)
