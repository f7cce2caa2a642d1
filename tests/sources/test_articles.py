"""Articles: title, journal and numbers in the forms that people print them."""

from dataclasses import replace

import pytest

from pprmail.model.reference import Author, Reference, ReferenceKind
from pprmail.sources.citation import parse_citation

HALE = (Author("Hale", "R. T."),)
ARTICLE = Reference(
    ReferenceKind.ARTICLE,
    authors=HALE,
    year=2021,
    title="Why clients lie",
    container="Nordic Psychology",
)
OTHER = Reference(ReferenceKind.OTHER, authors=HALE, year=2021)


def read(work: str) -> Reference:
    return parse_citation(f"Hale, R. T. (2021). {work}")


@pytest.mark.parametrize(
    ("printed", "volume", "issue", "pages"),
    [
        (", 88(9), 829–843.", "88", "9", "829–843"),
        (", 88(9), 829-843", "88", "9", "829–843"),
        (", 88(9), 829 — 843.", "88", "9", "829–843"),
        (", 88 (9), 829--843.", "88", "9", "829–843"),
        (" 329(8):670–679.", "329", "8", "670–679"),
        (". 329(8): 670–679.", "329", "8", "670–679"),
        (", 41:8, 603-623.", "41", "8", "603–623"),
        (", 41: 603-623.", "41", None, "603–623"),
        (", 7(6), E186.", "7", "6", "E186"),
        (", 64, 128-146.", "64", None, "128–146"),
        (" 64, 128-146.", "64", None, "128–146"),
        (", 20, 313.", "20", None, "313"),
        (", 55(4), Article 12.", "55", "4", "Article 12"),
        (", 12, Article e1234.", "12", None, "Article e1234"),
        (", 15(9), e0137864.", "15", "9", "e0137864"),
        (", e1234.", None, None, "e1234"),
        (", 1-14.", None, None, "1–14"),
        (", 12(S1), S15–S17.", "12", "S1", "S15–S17"),
        (", 12(Suppl. 1), S15–S17.", "12", "Suppl. 1", "S15–S17"),
        (", 64(2-3), 128–140.", "64", "2-3", "128–140"),
        (", 64 (2021), 128–140.", "64", None, "128–140"),
        (", Vol. 64, No. 2, pp. 128-140.", "64", "2", "128–140"),
        (", vol. 64(2), p. 128.", "64", "2", "128"),
        (", (4), CD012345.", None, "4", "CD012345"),
        (", 64(2).", "64", "2", None),
        (", Vol. 64.", "64", None, None),
        (", 00, 1-13.", None, None, "1–13"),
        (".", None, None, None),
        ("", None, None, None),
    ],
)
def test_volume_issue_and_pages_are_read(
    printed: str, volume: str | None, issue: str | None, pages: str | None
) -> None:
    expected = replace(ARTICLE, volume=volume, issue=issue, pages=pages)
    assert read(f"Why clients lie. Nordic Psychology{printed}") == expected


def test_a_volume_and_a_range_are_kept_even_where_the_journal_cannot_be_told() -> None:
    found = read("Why clients lie in Norway, Sweden, Nordic Psychology, 64, 128–140.")
    assert found == replace(ARTICLE, title=None, container=None, volume="64", pages="128–140")


def test_a_title_in_capitals_does_not_hide_the_journal_behind_its_stop() -> None:
    found = read("Why Clients Lie: A Manual. Group Dynamics.")
    assert found == replace(ARTICLE, title="Why Clients Lie: A Manual", container="Group Dynamics")


def test_a_title_that_may_hold_another_name_is_left_out() -> None:
    found = read("Why clients lie. Nordic Psychology. Mindfulness, 64(2), 128–140.")
    expected = replace(ARTICLE, title=None, container="Mindfulness", volume="64")
    assert found == replace(expected, issue="2", pages="128–140")


def test_one_bare_number_is_neither_volume_nor_page() -> None:
    assert read("Why clients lie. Nordic Psychology, 64.") == ARTICLE


@pytest.mark.parametrize(
    "note",
    [
        ". Advance online publication.",
        ", Advance online publication.",
        ". Advance online publication. https://doi.org/10.1037/cou0000424",
        ". https://doi.org/10.1037/cou0000424. Advance online publication.",
        ". Online first.",
        ", Online First Publication.",
        ". Epub ahead of print.",
    ],
)
def test_an_article_online_in_advance_is_flagged_and_its_journal_kept_clean(note: str) -> None:
    found = read(f"Why clients lie. Nordic Psychology{note}")
    doi = "10.1037/cou0000424" if "doi" in note else None
    assert found == replace(ARTICLE, advance_online=True, doi=doi)


@pytest.mark.parametrize(
    ("title", "journal"),
    [
        ("Does it help? A randomized trial of care", "American Journal of Psychiatry"),
        ("Does it help? Yes: more or less (a trial)", "Psychological Medicine"),
        ("Does it help?", "Psychotherapy"),
        ("It helps!", "Psychotherapy"),
        ("Does Therapy Help?", "American Psychologist"),
        ("Mindfulness", "Mindfulness"),
        ("Mindfulness in need: does it help?", "Mindfulness"),
        ("Hope: a history (Does it help? We asked)", "Psychotherapy"),
        ("Hope matters. A randomised trial", "Psychotherapy"),
        ("Working with J. R. Rogers", "The Counseling Psychologist"),
        ("Talk vs. Tablets for adults", "PLoS ONE"),
        ("Who to treat", "Psychological Trauma: Theory, Research, Practice, and Policy"),
        ("Does Therapy Help? A Meta-Analysis", "American Journal of Psychiatry"),
        ("Why clients lie", "eClinicalMedicine"),
        ("Why clients lie", "J. Consult. Clin. Psychol."),
        ("Why clients lie", "J Consult Clin Psychol"),
        ("Why clients lie", "Counselling and psychotherapy research"),
        ("The STAR*D trial revisited", "Death Studies"),
        ("why clients lie", "Psychotherapy"),
        ("Who should be treated?", "Trauma, Violence, & Abuse"),
        ("Hope (with a bracket left open", "Psychotherapy"),
        ("Hope for 1) clients and 2) others", "Psychotherapy"),
    ],
)
def test_title_and_journal_part_at_the_last_sentence_end(title: str, journal: str) -> None:
    stop = "" if title.endswith(("?", "!")) else "."
    comma = "" if journal.endswith(".") else ","
    expected = replace(ARTICLE, title=title, container=journal, volume="3", pages="12–19")
    assert read(f"{title}{stop} {journal}{comma} 3, 12–19.") == expected


@pytest.mark.parametrize(
    ("work", "numbers"),
    [
        ("Why clients lie, Nordic Psychology, 64, 128-146.", ("64", None, "128–146")),
        ("Why clients lie, Nordic Psychology, 64(2), 128-146.", ("64", "2", "128–146")),
        ("‘Why clients lie’, Nordic Psychology, 64(2), pp. 128–146.", ("64", "2", "128–146")),
        ("“Why Clients Lie”, Nordic Psychology, 64, 128-146.", ("64", None, "128–146")),
        ("Why clients lie, Nordic Psychology, DOI: 10.1080/1050", (None, None, None)),
        ("Why clients lie, Nordic Psychology. Advance online publication.", (None, None, None)),
    ],
)
def test_a_comma_parts_title_and_journal_where_more_shows_that_a_journal_ends(
    work: str, numbers: tuple[str | None, ...]
) -> None:
    found = read(work)
    assert (found.volume, found.issue, found.pages) == numbers
    assert (found.kind, found.container) == (ReferenceKind.ARTICLE, "Nordic Psychology")
    assert found.title in {"Why clients lie", "Why Clients Lie"}


@pytest.mark.parametrize(
    "work",
    [
        "Why clients lie, Nordic Psychology.",
        "Why clients lie, British Psychological Society.",
        "Why clients lie. Findings from psychotherapy.",
        "Why Do Clients Lie? Findings From Psychotherapy.",
        "Why Clients Lie. Hope and Glory.",
        "Why clients lie. Nordic Psychology. 2021 Apr;82(2):1-9.",
    ],
)
def test_without_a_sure_end_of_the_title_there_is_none(work: str) -> None:
    assert read(work) == OTHER


@pytest.mark.parametrize(
    "work",
    [
        "Why Clients Lie, Nordic Psychology, 64(2), 128-146.",
        "Why clients lie in Norway, Sweden, Nordic Psychology, 64(2), 128-146.",
        "Why Do Clients Lie? A Review, Nordic Psychology, 64(2), 128-146.",
        "Why do clients lie? Results of a trial, 64(2), 128-146.",
        "Why Do Clients Lie? Findings From Oslo, Nordic Psychology, 64(2), 128-146.",
        "Why clients lie in Oslo, Norway, 64(2), 128-146.",
        "Treating disorders of cluster B. Psychotherapy, 64(2), 128-146.",
        "Why clients lie. Vopr. Psikh. 64(2), 128-146.",
    ],
)
def test_numbers_are_kept_where_title_and_journal_cannot_be_parted(work: str) -> None:
    expected = replace(ARTICLE, title=None, container=None, volume="64", issue="2", pages="128–146")
    assert read(work) == expected


@pytest.mark.parametrize(
    "title",
    [
        "Why clients lie",
        "Why do clients lie?",
        "Why do clients lie? Findings from two surveys",
        "A study of adults, 18–25",
        "Follow-up in months: 3, 6",
        "Hope in Norway, Sweden, and Denmark",
    ],
)
def test_a_title_alone_is_a_work_of_another_kind(title: str) -> None:
    assert read(f"{title}.") == replace(OTHER, title=title)


@pytest.mark.parametrize(
    "name",
    [
        "The New York Times",
        "PsyArXiv",
        "Viking",
        "Report for the Canadian Psychological Association",
        "Nordic Psychology, May/June, 20–27",
        "Nordic Psychology, 57, 1–10 (Open Access)",
        "Nordic Psychology, 57, 12–15, 20",
    ],
)
def test_a_name_that_is_not_known_for_a_journal_is_not_given_as_one(name: str) -> None:
    assert read(f"Why clients lie. {name}.") == replace(OTHER, title="Why clients lie")


def test_a_citation_cut_amid_its_pages_keeps_no_half_of_them() -> None:
    found = read("Why clients lie. Nordic Psychology, 64(2), 128–")
    assert found == replace(OTHER, title="Why clients lie")


@pytest.mark.parametrize("note", ["[Editorial]", "[Review of the book Hope, by N. Brook]"])
def test_a_description_in_brackets_is_not_part_of_the_title(note: str) -> None:
    found = read(f"Why clients lie {note}. Nordic Psychology, 64(2), 128–140.")
    assert found == replace(ARTICLE, volume="64", issue="2", pages="128–140")


def test_what_is_described_as_no_article_is_none() -> None:
    found = read("Why clients lie [Data set]. Open Science Framework.")
    assert found == replace(OTHER, title="Why clients lie")


def test_after_a_question_in_capitals_a_journal_ends_the_work_if_it_must_be_there() -> None:
    found = read("Why Do Clients Lie? American Psychologist. Advance online publication.")
    expected = replace(ARTICLE, title="Why Do Clients Lie?", container="American Psychologist")
    assert found == replace(expected, advance_online=True)


@pytest.mark.parametrize(
    "link", ["https://example.org/x", "Retrieved May 5, 2021, from https://example.org/x"]
)
def test_a_web_address_is_no_part_of_the_work(link: str) -> None:
    assert read(f"Why clients lie. Nordic Psychology. {link}") == ARTICLE
