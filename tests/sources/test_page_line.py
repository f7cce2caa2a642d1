"""Lines of a page: citations are told from sentences, whoever is named in them."""

import pytest

from pprmail.sources.page_line import PageLine

WORK = "Plants and calm: A trial. Psychotherapy Research, 12(3), 4–5."


@pytest.mark.parametrize(
    "line",
    [
        f"Moss, F., & Fern, R. (2019). {WORK}",
        f"Moss, F., et al. (2019). {WORK}",
        f"Moss, F. . . . Reed, P. (2019). {WORK}",
        f"Moss F, Fern 3R, (2019). {WORK}",
        f"Moss, F., FERN!, & @Reed (2019). {WORK}",
        f"Moss, Fern, Reed, Hale (2019). {WORK}",
        f"Moss Frieda, Fern Robin L, Reed (2019). {WORK}",
        "Moss, F., & Fern, R. (in press). Plants and calm: A trial. Psychotherapy Research.",
        "Moss, F. (2019). Plants and calm. Psychotherapy Research. Advance online publication.",
        "Moss, F. (2019). Plants and calm: A handbook. Guilford Press.",
    ],
)
def test_a_dated_work_is_a_citation_even_if_its_names_can_not_be_told_apart(line: str) -> None:
    assert PageLine(1, line).is_citation


@pytest.mark.parametrize(
    "line",
    [
        "Moss and Fern (2019). They found that plants calm people.",
        "Moss and colleagues (2019). They found that plants calm people.",
        "Moss and Fern (2019) asked whether plants calm people in a waiting room.",
        "Moss, Fern, and Reed (2019) printed their numbers in Psychotherapy, 12(3), 4–5.",
        "In a study by Moss (2019). People were calmer among plants.",
        "Earlier work (Moss et al., 2019) had shown no such thing.",
        "The rate rose from 12 (2009) to 19 (2019). It has not fallen since.",
        "A reply was printed (2019). American Psychologist, 74, 1–9, has it.",
        "This was the largest trial (2019). Psychotherapy Research, 29(4), 1–9 has the numbers.",
        "Was it the plant? (2019). The authors think so.",
        "The Moss Group (in press) reports the same. Clinical Psychology, 3, 4–9.",
        "Moss et al. (2019; advance online publication) found the same.",
        "Plants, pots, and ponds (2019) were compared. Psychotherapy, in their view, gained.",
        "Hope is not enough (2019). It takes a plan, and someone who waters it.",
        "Nothing is dated here, and nobody is named. Psychotherapy Research, 12, 4–5.",
        "Why Plants Calm (and When They Do Not)",
    ],
)
def test_a_sentence_is_no_citation_even_with_names_and_a_year_in_it(line: str) -> None:
    assert not PageLine(1, line).is_citation
