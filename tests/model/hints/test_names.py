"""Names that differ from the citation are found; other words and names are not."""

import pytest

from model.hints.reading import codes_in, hints_in


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("In this study, Fluckiger and colleagues met.", "Flückiger"),
        ("In this study, Flueckiger and colleagues met.", "Flückiger"),
        ("Later Rihacek asked again.", "Řiháček"),
        ("In this study by Norwod the bond held.", "Norwood"),
        ("Howrad and colleagues asked.", "Howard"),
        ("Howards’s and Howerd’s work, Howerd (2021).", "Howard"),
        ("What van der Held and Crits-Cristoph say.", "Christoph"),
    ],
)
def test_a_name_an_accent_or_a_letter_off_is_found(text: str, meant: str) -> None:
    hints = [h for h in hints_in(text) if h.code == "name_differs"]
    assert hints
    assert all(meant in hint.message for hint in hints)


@pytest.mark.parametrize(
    "text",
    [
        "Flückiger, Del Re and Howard’s work; the Barbers and Crits-Christoph agree with O’Brien.",
        "Toward the end. Berber carpets. Harbour views. Barbed remarks.",
        "FLÜCKIGER and colleagues; a coward’s way; help from Helmut and Norway.",
        "Horvath and Wampold wrote of it before (Hansen, 2010).",
    ],
)
def test_other_names_and_words_are_passed_over(text: str) -> None:
    assert codes_in(text) == []


def test_a_title_is_judged_by_accents_alone() -> None:
    assert codes_in("Some words.", title="What Fluckiger Found") == ["name_differs"]
    assert codes_in("Some words.", title="A Hoard of Harbers and Barbels") == []
