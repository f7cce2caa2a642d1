"""Citations whole: the ten of the demonstration, the dates, and what is no citation."""

import pytest

from pprmail.model.reference import Author, Reference, ReferenceKind
from pprmail.sources.citation import parse_citation

ARTICLE, BOOK, OTHER = ReferenceKind.ARTICLE, ReferenceKind.BOOK, ReferenceKind.OTHER


def people(*names: str) -> tuple[Author, ...]:
    """Make authors of "Family|Given"."""
    return tuple(Author(*name.split("|")) for name in names)


SAMPLES = [
    (
        "Swift, J. K., & Greenberg, R. P. (2012). Premature discontinuation in adult psychotherapy: A meta-analysis. Journal of Consulting and Clinical Psychology, 80(4), 547–559.",
        Reference(
            ARTICLE,
            authors=people("Swift|J. K.", "Greenberg|R. P."),
            year=2012,
            title="Premature discontinuation in adult psychotherapy: A meta-analysis",
            container="Journal of Consulting and Clinical Psychology",
            volume="80",
            issue="4",
            pages="547–559",
        ),
    ),
    (
        "Elliott, R., Bohart, A. C., Watson, J. C., & Murphy, D. (2018). Therapist empathy and client outcome: An updated meta-analysis. Psychotherapy, 55(4), 399–410.",
        Reference(
            ARTICLE,
            authors=people("Elliott|R.", "Bohart|A. C.", "Watson|J. C.", "Murphy|D."),
            year=2018,
            title="Therapist empathy and client outcome: An updated meta-analysis",
            container="Psychotherapy",
            volume="55",
            issue="4",
            pages="399–410",
        ),
    ),
    (
        "Roest, J. J., Welmers-Van de Poll, M. J., Van der Helm, G. H. P., Stams, G. J. J. M., & Hoeve, M. (2022). A three-level meta-analysis on the alliance-outcome association in child and adolescent psychotherapy. Research on Child and Adolescent Psychopathology.",
        Reference(
            ARTICLE,
            authors=people(
                "Roest|J. J.",
                "Welmers-Van de Poll|M. J.",
                "Van der Helm|G. H. P.",
                "Stams|G. J. J. M.",
                "Hoeve|M.",
            ),
            year=2022,
            title="A three-level meta-analysis on the alliance-outcome association in child and adolescent psychotherapy",
            container="Research on Child and Adolescent Psychopathology",
        ),
    ),
    (
        "Markowitz, J. C., Petkova, E., Neria, Y., Van Meter, P. E., Zhao, Y., Hembree, E., Lovell, K., Biyanova, T., & Marshall, R. D. (2015). Is exposure necessary? A randomized clinical trial of interpersonal psychotherapy for PTSD. American Journal of Psychiatry, 172(5), 430–440.",
        Reference(
            ARTICLE,
            authors=people(
                "Markowitz|J. C.",
                "Petkova|E.",
                "Neria|Y.",
                "Van Meter|P. E.",
                "Zhao|Y.",
                "Hembree|E.",
                "Lovell|K.",
                "Biyanova|T.",
                "Marshall|R. D.",
            ),
            year=2015,
            title="Is exposure necessary? A randomized clinical trial of interpersonal psychotherapy for PTSD",
            container="American Journal of Psychiatry",
            volume="172",
            issue="5",
            pages="430–440",
        ),
    ),
    (
        "Howard, R., Berry, K., & Haddock, G. (2021). Therapeutic alliance in psychological therapy for posttraumatic stress disorder: A systematic review and meta-analysis. Clinical Psychology & Psychotherapy.",
        Reference(
            ARTICLE,
            authors=people("Howard|R.", "Berry|K.", "Haddock|G."),
            year=2021,
            title="Therapeutic alliance in psychological therapy for posttraumatic stress disorder: A systematic review and meta-analysis",
            container="Clinical Psychology & Psychotherapy",
        ),
    ),
    (
        "Flückiger, C., Del Re, A. C., Wlodasch, D., Horvath, A. O., Solomonov, N., & Wampold, B. E. (2020). Assessing the alliance–outcome association adjusted for patient characteristics and treatment processes: A meta-analytic summary of direct comparisons. Journal of Counseling Psychology, 67(6), 706–711.",
        Reference(
            ARTICLE,
            authors=people(
                "Flückiger|C.",
                "Del Re|A. C.",
                "Wlodasch|D.",
                "Horvath|A. O.",
                "Solomonov|N.",
                "Wampold|B. E.",
            ),
            year=2020,
            title="Assessing the alliance–outcome association adjusted for patient characteristics and treatment processes: A meta-analytic summary of direct comparisons",
            container="Journal of Counseling Psychology",
            volume="67",
            issue="6",
            pages="706–711",
        ),
    ),
    (
        "Flückiger, C., Rubel, J., Del Re, A. C., Horvath, A. O., Wampold, B. E., Crits-Christoph, P., Atzil-Slonim, D., . . . Barber, J. P. (2020). The reciprocal relationship between alliance and early treatment symptoms: A two-stage individual participant data meta-analysis. Journal of Consulting and Clinical Psychology, 88(9), 829–843.",
        Reference(
            ARTICLE,
            authors=people(
                "Flückiger|C.",
                "Rubel|J.",
                "Del Re|A. C.",
                "Horvath|A. O.",
                "Wampold|B. E.",
                "Crits-Christoph|P.",
                "Atzil-Slonim|D.",
                "Barber|J. P.",
            ),
            authors_truncated=True,
            year=2020,
            title="The reciprocal relationship between alliance and early treatment symptoms: A two-stage individual participant data meta-analysis",
            container="Journal of Consulting and Clinical Psychology",
            volume="88",
            issue="9",
            pages="829–843",
        ),
    ),
    (
        "Del Re, A. C., Flückiger, C., Horvath, A. O., & Wampold, B. E. (2021). Examining therapist effects in the alliance–outcome relationship: A multilevel meta-analysis. Journal of Consulting and Clinical Psychology. Advance online publication.",
        Reference(
            ARTICLE,
            authors=people("Del Re|A. C.", "Flückiger|C.", "Horvath|A. O.", "Wampold|B. E."),
            year=2021,
            title="Examining therapist effects in the alliance–outcome relationship: A multilevel meta-analysis",
            container="Journal of Consulting and Clinical Psychology",
            advance_online=True,
        ),
    ),
    (
        "Norwood, C., Moghaddam, N. G., Malins, S., & Sabin-Farrell, R. (2018). Working alliance and outcome effectiveness in videoconferencing psychotherapy: A systematic review and noninferiority meta-analysis. Clinical Psychology & Psychotherapy.",
        Reference(
            ARTICLE,
            authors=people("Norwood|C.", "Moghaddam|N. G.", "Malins|S.", "Sabin-Farrell|R."),
            year=2018,
            title="Working alliance and outcome effectiveness in videoconferencing psychotherapy: A systematic review and noninferiority meta-analysis",
            container="Clinical Psychology & Psychotherapy",
        ),
    ),
    (
        "Tasca, G. A., Sylvestre, J., Balfour, L., Chyurlia, L., Evans, J., Fortin-Langelier, B., . . . Wilson, B. (2015). What clinicians want: Findings from a psychotherapy practice research network survey. Psychotherapy, 52(1), 1–11.",
        Reference(
            ARTICLE,
            authors=people(
                "Tasca|G. A.",
                "Sylvestre|J.",
                "Balfour|L.",
                "Chyurlia|L.",
                "Evans|J.",
                "Fortin-Langelier|B.",
                "Wilson|B.",
            ),
            authors_truncated=True,
            year=2015,
            title="What clinicians want: Findings from a psychotherapy practice research network survey",
            container="Psychotherapy",
            volume="52",
            issue="1",
            pages="1–11",
        ),
    ),
]


@pytest.mark.parametrize(("text", "expected"), SAMPLES, ids=[s[0][:20] for s in SAMPLES])
def test_the_ten_sample_citations_are_read_in_full(text: str, expected: Reference) -> None:
    assert parse_citation(text) == expected


@pytest.mark.parametrize(
    ("date", "year"),
    [
        ("(2022).", 2022),
        ("(2022)", 2022),
        ("(2022):", 2022),
        ("(2020, March 26).", 2020),
        ("(March 2020).", 2020),
        ("(2022a).", 2022),
        ("(in press).", None),
        ("(n.d.).", None),
        ("(1917/1957).", None),
    ],
)
def test_the_year_is_read_from_every_usual_form_of_date(date: str, year: int | None) -> None:
    assert parse_citation(f"Hale, R. T. {date} Why clients lie. Psychotherapy, 3(1), 1–9.") == (
        Reference(
            ARTICLE,
            authors=people("Hale|R. T."),
            year=year,
            title="Why clients lie",
            container="Psychotherapy",
            volume="3",
            issue="1",
            pages="1–9",
        )
    )


@pytest.mark.parametrize(
    "prose",
    [
        "",
        "Nothing to see here",
        "Handbook of listening: Starting in March 2013 I will review its parts.",
        "The bond is known to help (Bordin, 1979) in most therapies.",
        "Hale and colleagues (2021) studied lies. They found few. Psychotherapy, 3(1), 1–9.",
        "They and colleagues (2021) studied lies.",
        "Hale, R. T. A critique of Brook (2010). Psychotherapy, 3(1), 1–9.",
        "Hale, R. T., & Brook, N. Why clients lie. Psychotherapy, 3(1), 1–9.",
    ],
)
def test_prose_and_citations_without_a_date_in_its_place_are_not_read(prose: str) -> None:
    assert parse_citation(prose) == Reference(OTHER)


def test_a_work_without_authors_is_read_from_its_year_on() -> None:
    assert parse_citation("(2020). Why clients lie. Psychotherapy, 3(1), 1–9.") == Reference(
        ARTICLE,
        year=2020,
        title="Why clients lie",
        container="Psychotherapy",
        volume="3",
        issue="1",
        pages="1–9",
    )


def test_names_and_a_year_alone_are_read() -> None:
    assert parse_citation("Hale, R. T. (2021)") == Reference(
        OTHER, authors=people("Hale|R. T."), year=2021
    )


def test_a_shortened_list_that_cannot_be_read_still_says_that_it_is_shortened() -> None:
    found = parse_citation("Hale, Brook, et al. (2020). Hope matters.")
    assert found == Reference(OTHER, authors_truncated=True, year=2020, title="Hope matters")


def test_a_title_may_stand_before_the_year() -> None:
    text = "Clinical guideline for trauma. (2017). American Psychological Association."
    assert parse_citation(text) == Reference(
        BOOK,
        year=2017,
        title="Clinical guideline for trauma",
        publisher="American Psychological Association",
    )


def test_a_word_before_the_year_that_may_be_a_name_or_a_title_is_neither() -> None:
    text = "Burnout. (2019). Something Else."
    assert parse_citation(text) == Reference(OTHER, year=2019)


def test_what_no_one_sees_changes_nothing() -> None:
    clean = "Řiháček, T. (2021). Why clients lie. Psychotherapy, 3(1), 1–9."
    soiled = (
        "Ři\u00adháček,\u00a0T. (2021).\u200b Why clients\n lie. Psychotherapy, 3(1),\u20091–9."
    )
    assert parse_citation(soiled) == parse_citation(clean)
