"""Authors: every form of list that is read, and the doubtful ones that are not."""

import pytest

from pprmail.model.reference import Author
from pprmail.sources.authors import Names, read_authors
from pprmail.sources.citation import parse_citation


def people(*names: str) -> tuple[Author, ...]:
    """Make authors of "Family|Given"."""
    return tuple(Author(*name.split("|")) for name in names)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hale, R. T.", people("Hale|R. T.")),
        ("Hale, R.T., & Brook, N.", people("Hale|R.T.", "Brook|N.")),
        ("Hale, R. T. & Brook, N.", people("Hale|R. T.", "Brook|N.")),
        ("Hale, R. T.,& Brook, N", people("Hale|R. T.", "Brook|N")),
        ("Hale, R. T., Brook, N.", people("Hale|R. T.", "Brook|N.")),
        ("Hale, R. T., and Brook, N.", people("Hale|R. T.", "Brook|N.")),
        ("Hale, R. T. and N. Brook", people("Hale|R. T.", "Brook|N.")),
        ("Hale, R. T.; Brook, N.", people("Hale|R. T.", "Brook|N.")),
        ("R. T. Hale & N. Brook", people("Hale|R. T.", "Brook|N.")),
        ("Hale R. T., & Brook N.", people("Hale|R. T.", "Brook|N.")),
        ("Hale RT, Brook N, van Os JJ", people("Hale|RT", "Brook|N", "van Os|JJ")),
        ("Dupont, J.-P., & Li, S-Y.", people("Dupont|J.-P.", "Li|S-Y.")),
        ("Yakovenko, Yu. A.", people("Yakovenko|Yu. A.")),
        ("Hale, Irvin D., & Brook, Nina", people("Hale|Irvin D.", "Brook|Nina")),
        ("Hale, Robert, & Brook, Nina", people("Hale|Robert", "Brook|Nina")),
        ("Hale & Brook", people("Hale|", "Brook|")),
        ("Hale, R. T., & Brook", people("Hale|R. T.", "Brook|")),
    ],
)
def test_lists_of_people_are_told_apart(text: str, expected: tuple[Author, ...]) -> None:
    assert read_authors(text) == Names(expected)


@pytest.mark.parametrize(
    "family",
    [
        "Van der Helm",
        "Welmers-Van de Poll",
        "Del Re",
        "de la Cruz",
        "von Braun",
        "van ’t Spijker",
        "ter Kuile",
        "d’Ardenne",
        "O’Brien",
        "O'Brien",
        "Řiháček",
        "Fagernäs",
        "St. John",
        "García Márquez",
        "al-Khouri",
        "VAN DEN BERG",
        "王",
    ],
)
def test_a_family_name_keeps_its_particles_and_marks(family: str) -> None:
    listed = read_authors(f"Hale, R., {family}, A. B., & {family}, C.")
    assert listed == Names(people("Hale|R.", f"{family}|A. B.", f"{family}|C."))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hale, R. T., Jr., & Brook, N.", people("Hale|R. T., Jr.", "Brook|N.")),
        ("Hale, R. T., III & Brook, N.", people("Hale|R. T., III", "Brook|N.")),
        ("Hale, R. T. Jr., & Brook, N., Sr.", people("Hale|R. T. Jr.", "Brook|N., Sr.")),
        ("Hale Jr., R. T.", people("Hale Jr.|R. T.")),
        ("Hale III, R. T.", people("Hale III|R. T.")),
    ],
)
def test_a_suffix_stays_with_its_author(text: str, expected: tuple[Author, ...]) -> None:
    assert read_authors(text) == Names(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hale, R., Brook, N., . . . Penn, J.", people("Hale|R.", "Brook|N.", "Penn|J.")),
        ("Hale, R., Brook, N., ... & Penn, J.", people("Hale|R.", "Brook|N.", "Penn|J.")),
        ("Hale, R., Brook, N., … Penn, J.", people("Hale|R.", "Brook|N.", "Penn|J.")),
        ("Hale, R., Brook, E.S…. Penn, J.", people("Hale|R.", "Brook|E.S.", "Penn|J.")),
        ("Hale, R., Brook, E. S. . . . Penn, J.", people("Hale|R.", "Brook|E. S.", "Penn|J.")),
        ("Hale, R., Brook, N., et al.", people("Hale|R.", "Brook|N.")),
        ("Hale, R. et al", people("Hale|R.")),
        ("Hale et al.", people("Hale|")),
        ("Hale and colleagues", people("Hale|")),
        ("Hale, Brook, et al.", ()),
        ("Hale, Brook, . . . Penn, J.", ()),
    ],
)
def test_a_shortened_list_says_so(text: str, expected: tuple[Author, ...]) -> None:
    assert read_authors(text) == Names(expected, truncated=True)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("American Psychological Association.", "American Psychological Association"),
        ("World Health Organization (WHO)", "World Health Organization"),
        ("NICE", "NICE"),
        (
            "National Institute for Health and Care Excellence.",
            "National Institute for Health and Care Excellence",
        ),
        (
            "American Psychological Association, Task Force on Trauma",
            "American Psychological Association, Task Force on Trauma",
        ),
        ("U.S. Department of Health", "U.S. Department of Health"),
        ("Anxiety and Depression Association.", "Anxiety and Depression Association"),
    ],
)
def test_an_organisation_may_be_the_author(text: str, name: str) -> None:
    assert read_authors(text) == Names((Author(name, ""),))


def test_a_study_group_may_be_the_last_of_the_authors() -> None:
    listed = read_authors("Hale, R., Brook, N., & the Listening Study Group")
    assert listed == Names(people("Hale|R.", "Brook|N.", "Listening Study Group|"))


@pytest.mark.parametrize(
    "text",
    [
        "Robert Hale & Nina Brook",
        "Hale, Robert",
        "Hale, Brook, & Penn",
        "Hale, Brook",
        "Hale, R. Brook, N.",
        "Hale, R., Brook, Penn, J.",
        "Hale, R., Ph.D., & Brook, N.",
        "Hale, R. T., with Brook, N.",
        "Hale1, R., & Brook2, N.",
        "hale, r., & brook, n.",
        "Hale, R., & Nina Brook",
        "Hale, Brook, & Listening Study Group",
        "R. Hale and the Listening Study Group",
        "The art of J. Hale",
        "Dr. Hale & N. Brook",
        "Burnout.",
        "Publication Manual of the American Psychological Association.",
        "The history of listening",
        "& , & ,",
    ],
)
def test_a_list_that_can_be_read_in_two_ways_names_nobody(text: str) -> None:
    assert read_authors(text) == Names()


def test_an_unread_list_of_authors_leaves_the_rest_of_the_citation_readable() -> None:
    found = parse_citation(
        "Robert Hale & Nina Brook (2012). Why clients lie. Mindfulness, 3(1), 1–9."
    )
    assert (found.authors, found.year, found.title) == ((), 2012, "Why clients lie")
