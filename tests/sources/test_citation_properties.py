"""What holds for any text whatever, and for every regular citation."""

import re
import time
import unicodedata
from urllib.parse import unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pprmail.model.reference import Author, Reference, ReferenceKind
from pprmail.sources.citation import normalise_doi, parse_citation

FRAGMENTS = st.sampled_from(
    [
        *(
            "Hale, R. T., ",
            "Brook, N.",
            "& ",
            "and ",
            "Van der Helm, J. ",
            "et al. ",
            ". . . ",
            "…",
        ),
        *("Penn, Jr., ", "World Health Organization", "(2020). ", "(2020, May 5)", "(in press). "),
        *("Why clients lie", "Does it help? ", "A review of hope. ", "“Hope,” ", "(a trial)", " "),
        *("Psychotherapy", "Nordic Psychology, ", "Journal of Hope", ", 88(9), 829–843.", "41:8, "),
        *("603--623", ", e123", "Article 12", "Vol. 2", "pp. 1-20", "In J. Penn (Ed.), ", ". In "),
        *("(2nd ed.)", "(7th ed., pp. 1–20). ", "Guilford Press.", "New York: ", "Chapter 6. "),
        *(
            "doi:",
            "https://doi.org/",
            "10.1037/a0038252",
            "10.1080/1050",
            "Advance online publication",
        ),
        *(
            "(Eds.). ",
            "[Doctoral dissertation]",
            ". ",
            ", ",
            "(",
            ")",
            "?",
            "\u0301",
            "\u00ad",
            "%28",
        ),
    ]
)
TEXTS = st.text() | st.lists(FRAGMENTS, max_size=12).map("".join)


@given(TEXTS)
def test_no_text_makes_reading_fail(text: str) -> None:
    assert isinstance(parse_citation(text), Reference)
    assert normalise_doi(text) is None or "10." in text


@given(TEXTS)
@example("(2000)0 DOI:ADVANCE ONLINE PUBLICATION")
@example("World Health Organization\u00ad\u0300 (2000)")
@example("(2000)0:DOI:ADVANCE ONLINE PUBLICATION[DISSERTATION")
def test_every_part_that_is_given_stands_in_the_text(text: str) -> None:
    bare = squeezed(text)
    unquoted = squeezed(unquote(text))
    for part in parts(parse_citation(text)):
        assert squeezed(part) in bare or squeezed(part) in unquoted


def parts(reference: Reference) -> list[str]:
    """List every piece of text that a reference holds."""
    people = (*reference.authors, *reference.editors)
    held = [*vars(reference).values(), *(name for who in people for name in vars(who).values())]
    year = [str(reference.year)] if reference.year else []
    return [part for part in held if isinstance(part, str) and part != reference.kind] + year


def squeezed(text: str) -> str:
    """Take away what reading may change: white space, unseen signs, kinds of dash, commas."""
    visible = re.sub(r"[\u00ad\u200b-\u200d\u2060\ufeff]", "", text).replace("…", "...")
    dense = re.sub(r"[\s,;]", "", unicodedata.normalize("NFC", visible))
    return re.sub(r"[-‐‑‒–—−]+", "-", dense)


FAMILIES = ["Hale", "Van der Helm", "Del Re", "de la Cruz", "O’Brien", "Řiháček", "Crits-Christoph"]
INITIALS = ["R.", "R. T.", "R.T.", "J.-P.", "G. H. P.", "A., Jr."]
WORDS = [
    "alliance",
    "therapy",
    "outcome",
    "hope",
    "in",
    "of",
    "and",
    "long-term",
    "PTSD",
    "clients",
]
JOURNALS = [
    "Psychotherapy",
    "Clinical Psychology & Psychotherapy",
    "Journal of Consulting and Clinical Psychology",
    "Psychological Trauma: Theory, Research, Practice, and Policy",
    "The Lancet Psychiatry",
]
NUMBERS = st.integers(1, 2000).map(str)
PEOPLE = st.builds(Author, st.sampled_from(FAMILIES), st.sampled_from(INITIALS))
LISTS = st.lists(PEOPLE, min_size=1, max_size=9).map(tuple)
SENTENCES = st.lists(st.sampled_from(WORDS), max_size=8).map(
    lambda w: " ".join(["Trust in", *w, "care"])
)
TITLES = st.builds(
    "{}{}".format, SENTENCES, st.sampled_from(["", "?", "!", ": A review", "? A review"])
)
DOIS = st.none() | st.builds("10.1037/ccp{:07}".format, st.integers(0, 9_999_999))

ARTICLES = st.builds(
    Reference,
    kind=st.just(ReferenceKind.ARTICLE),
    authors=LISTS,
    year=st.none() | st.integers(1500, 2099),
    title=TITLES,
    container=st.sampled_from(JOURNALS),
    volume=NUMBERS,
    issue=st.none() | st.integers(1, 40).map(str),
    pages=st.builds("{}–{}".format, NUMBERS, NUMBERS) | st.builds("e{}".format, NUMBERS),
    doi=DOIS,
)
CHAPTERS = st.builds(
    Reference,
    kind=st.just(ReferenceKind.CHAPTER),
    authors=LISTS,
    year=st.none() | st.integers(1500, 2099),
    title=TITLES,
    container=SENTENCES,
    pages=st.builds("{}–{}".format, NUMBERS, NUMBERS),
    doi=DOIS,
    editors=st.lists(
        st.builds(Author, st.sampled_from(FAMILIES), st.just("J. K.")), min_size=1, max_size=3
    ).map(tuple),
    publisher=st.sampled_from(["Wiley", "Guilford Press", "Viking"]),
)
BOOKS = st.builds(
    Reference,
    kind=st.just(ReferenceKind.BOOK),
    authors=LISTS,
    year=st.none() | st.integers(1500, 2099),
    title=SENTENCES,
    doi=DOIS,
    publisher=st.sampled_from(["Wiley", "Guilford Press", "Oxford University Press"]),
)


@given(ARTICLES | CHAPTERS | BOOKS)
def test_a_regular_citation_is_read_back_as_it_was_printed(reference: Reference) -> None:
    assert parse_citation(printed(reference)) == reference


def printed(reference: Reference) -> str:
    """Print a reference in the style of the APA."""
    names = joined([f"{who.family}, {who.given}" for who in reference.authors], ", & ")
    stop = "" if str(reference.title).endswith(("?", "!")) else "."
    link = f" https://doi.org/{reference.doi}" if reference.doi else ""
    head = f"{names} ({reference.year or 'in press'}). {reference.title}{stop}"
    return f"{head} {printed_source(reference)}{link}"


def printed_source(reference: Reference) -> str:
    if reference.kind is ReferenceKind.ARTICLE:
        issue = f"({reference.issue})" if reference.issue else ""
        return f"{reference.container}, {reference.volume}{issue}, {reference.pages}."
    if reference.kind is ReferenceKind.BOOK:
        return f"{reference.publisher}."
    editors = joined([f"{who.given} {who.family}" for who in reference.editors], " & ")
    marker = "Ed." if len(reference.editors) == 1 else "Eds."
    book = f"{reference.container} (2nd ed., pp. {reference.pages})"
    return f"In {editors} ({marker}), {book}. {reference.publisher}."


def joined(names: list[str], last: str) -> str:
    *first, final = names
    return f"{', '.join(first)}{last}{final}" if first else final


HOSTILE = ["(", ").", ".", ",", "&", "doi:", "10.1234/(", "In A", ". In A", "(Ed.) ", "A. ", "A, "]
HOSTILE += [
    "Aa. ",
    "? A",
    ". . ",
    "…",
    "(2020). ",
    "a",
    "1, ",
    "1(",
    "(1 ed.)",
    "pp. 1",
    "U.S.",
    "“",
]
HOSTILE += [
    "Vol. 1, No. 1, ",
    "Journal, ",
    "City, ST: ",
    "Chapter 1",
    "[x] ",
    "D.M., Jr., ",
    "\u0301",
]


@pytest.mark.parametrize("unit", HOSTILE)
@pytest.mark.parametrize("start", ["", "Hale, R. (2020). ", "Hale, R. (2020). Hope. In J. Penn, "])
def test_the_time_for_hostile_text_grows_with_its_length_and_no_faster(
    start: str, unit: str
) -> None:
    short, long = (least_time(start + unit * (size // len(unit))) for size in (5_000, 40_000))
    assert long < 2
    assert long < 24 * short + 0.1


def least_time(text: str) -> float:
    """Measure the quickest of three readings, in time that other work does not take away."""
    times = []
    for _ in range(3):
        begun = time.process_time()
        parse_citation(text + " (Eds.), Book (pp. 1–2). (2020). Hope. Mindfulness, 3(1), 1–9.")
        times.append(time.process_time() - begun)
    return min(times)
