"""Books and chapters: name, pages, editors and publisher in the forms that people print them."""

from dataclasses import replace

import pytest

from pprmail.model.reference import Author, Reference, ReferenceKind
from pprmail.sources.citation import parse_citation

HALE = (Author("Hale", "R. T."),)
PENN, ASH = Author("Penn", "J."), Author("Ash", "T. W.")
CHAPTER = Reference(
    ReferenceKind.CHAPTER,
    authors=HALE,
    year=2021,
    title="Silence in the room",
    container="Handbook of listening",
)
BOOK = Reference(ReferenceKind.BOOK, authors=HALE, year=2021, title="Handbook of listening")


def read(work: str) -> Reference:
    return parse_citation(f"Hale, R. T. (2021). {work}")


@pytest.mark.parametrize(
    ("editors", "expected"),
    [
        ("J. Penn & T. W. Ash (Eds.),", (PENN, ASH)),
        ("J. Penn & T. W. Ash (Eds.)", (PENN, ASH)),
        ("J. Penn and T. W. Ash (eds):", (PENN, ASH)),
        ("Penn, J., & Ash, T. W. (Eds.),", (PENN, ASH)),
        ("J. Penn (Ed.),", (PENN,)),
        ("J. Penn (Ed. & Trans.),", (PENN,)),
        (
            "Penn, T. W. Ash, & K. van den Berg (Eds.)",
            (Author("Penn", ""), ASH, Author("van den Berg", "K.")),
        ),
        ("Penn & Ash (Eds.),", (Author("Penn", ""), Author("Ash", ""))),
        ("Penn, Ash, & Berg (Eds.),", ()),
        ("the editors (Eds.),", ()),
    ],
)
def test_the_editors_of_a_chapter_are_read_or_left_out(
    editors: str, expected: tuple[Author, ...]
) -> None:
    found = read(f"Silence in the room. In {editors} Handbook of listening (pp. 1–20). Wiley.")
    assert found == replace(CHAPTER, editors=expected, pages="1–20", publisher="Wiley")


@pytest.mark.parametrize(
    ("book", "pages", "volume", "publisher"),
    [
        ("(7th ed., pp. 1–20). Wiley.", "1–20", None, "Wiley"),
        ("(7th ed.). Wiley. Chapter 6.", None, None, "Wiley"),
        ("(2nd ed.) (pp. 12-20). New York, NY: Guilford Press.", "12–20", None, "Guilford Press"),
        ("(Vol. 14, pp. 237–258). London: Hogarth.", "237–258", "14", "Hogarth"),
        (", pp. 1-20. Wiley.", "1–20", None, "Wiley"),
        (", Chapter 6 (pp. 1-20). Wiley.", "1–20", None, "Wiley"),
        (". John Wiley & Sons, Inc.", None, None, "John Wiley & Sons"),
        (". Oxford University Press, New York.", None, None, "Oxford University Press"),
        (", Wiley.", None, None, "Wiley"),
        (" (pp. 1–20). Somewhere. Someone.", "1–20", None, None),
        (".", None, None, None),
    ],
)
def test_edition_and_pages_are_not_part_of_the_books_name(
    book: str, pages: str | None, volume: str | None, publisher: str | None
) -> None:
    found = read(f"Silence in the room. In J. Penn (Ed.), Handbook of listening{book}")
    expected = replace(CHAPTER, pages=pages, volume=volume, publisher=publisher)
    assert found == replace(expected, editors=(PENN,))


@pytest.mark.parametrize(
    "title", ["Silence in the room", "In the room: Silence. In therapy", "Who speaks?"]
)
def test_the_title_of_a_chapter_ends_at_the_in_before_the_editors(title: str) -> None:
    stop = "" if title.endswith("?") else "."
    found = read(f"{title}{stop} In J. Penn (Ed.), Handbook of listening. Wiley.")
    assert found == replace(CHAPTER, title=title, editors=(PENN,), publisher="Wiley")


@pytest.mark.parametrize("work", ["Silence in the room. Chapter in", "Silence in the room. In In"])
def test_a_clumsy_in_is_read_too(work: str) -> None:
    found = read(f"{work} J. Penn (Ed.), Handbook of listening. Wiley.")
    assert found == replace(CHAPTER, editors=(PENN,), publisher="Wiley")


def test_pages_behind_the_title_are_not_part_of_it() -> None:
    found = read("Silence in the room (pp. 1-20). In J. Penn (Ed.), Handbook of listening. Wiley.")
    assert found == replace(CHAPTER, editors=(PENN,), publisher="Wiley")


@pytest.mark.parametrize(
    ("book", "name"),
    [
        ("In Handbook of listening (pp. 12–30). Wiley.", "Handbook of listening"),
        ("In Handbook of listening. Wiley.", "Handbook of listening"),
        ("In Penn, J., & Ash, T. W., Handbook of listening (pp. 1–9). Wiley.", None),
    ],
)
def test_a_book_without_marked_editors_is_named_only_where_none_can_stand(
    book: str, name: str | None
) -> None:
    found = read(f"Silence in the room. {book}")
    assert (found.kind, found.title) == (ReferenceKind.CHAPTER, "Silence in the room")
    assert (found.container, found.editors, found.publisher) == (name, (), "Wiley")


@pytest.mark.parametrize(
    ("imprint", "publisher"),
    [
        (". Guilford Press.", "Guilford Press"),
        (". New York: Guilford.", "Guilford"),
        (". New York, NY: Norton.", "Norton"),
        (". Toronto, ON: Hogarth.", "Hogarth"),
        (
            ". Washington, DC: American Psychological Association.",
            "American Psychological Association",
        ),
        (" (2nd ed.). Viking.", "Viking"),
        (" (2nd ed., Vol. 1). Oxford University Press.", "Oxford University Press"),
        (" (Rev. ed.).", None),
        (", 2nd edition. Routledge.", "Routledge"),
        (". Washington, DC: Author.", None),
        (". Basic Books. https://doi.org/10.1037/0000165-000", "Basic Books"),
    ],
)
def test_a_book_is_known_by_its_edition_or_its_publisher(
    imprint: str, publisher: str | None
) -> None:
    doi = "10.1037/0000165-000" if "doi" in imprint else None
    assert read(f"Handbook of listening{imprint}") == replace(BOOK, publisher=publisher, doi=doi)


@pytest.mark.parametrize("marker", ["(Eds.).", "(Eds.)", ", (Eds)."])
def test_editors_before_the_year_are_not_given_as_authors(marker: str) -> None:
    text = f"Penn, J., & Ash, T. W. {marker} (2021). Handbook of listening. Wiley."
    assert parse_citation(text) == replace(BOOK, authors=(), editors=(PENN, ASH), publisher="Wiley")


def test_what_has_editors_is_a_book_unless_it_stands_in_a_journal() -> None:
    book = parse_citation("Penn, J. (Ed.). (2021). Handbook of listening. Viking.")
    assert book == replace(BOOK, authors=(), editors=(PENN,))
    issue = parse_citation("Penn, J. (Ed.). (2021). On listening. Psychotherapy, 3(1), 1–9.")
    assert (issue.kind, issue.editors) == (ReferenceKind.ARTICLE, (PENN,))


@pytest.mark.parametrize(
    "work",
    [
        "Silence in the room [Doctoral dissertation, University of Ottawa]. ProQuest.",
        "Silence in the room (Unpublished doctoral dissertation). University of Ottawa, Canada.",
        "Silence in the room [Paper presentation]. Society for Psychotherapy Research, Lisbon.",
    ],
)
def test_a_thesis_or_a_talk_is_no_book(work: str) -> None:
    assert read(work) == Reference(
        ReferenceKind.OTHER, authors=HALE, year=2021, title="Silence in the room"
    )


@pytest.mark.parametrize(
    "journal", ["Academic Psychiatry", "Small Group Research", "Group Dynamics"]
)
def test_a_journal_named_like_a_body_is_no_publisher(journal: str) -> None:
    found = read(f"Silence in the room. {journal}.")
    assert (found.kind, found.container) == (ReferenceKind.ARTICLE, journal)
