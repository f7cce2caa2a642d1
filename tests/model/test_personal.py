"""A reader's own parts of a letter: no name can be more than a name."""

from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pprmail.model.audience import FOLLOWS_ALL
from pprmail.model.personal import (
    LONGEST_NAME,
    PARTS,
    TEXT_WIDTH,
    WORDS,
    Personal,
    filled_in,
    key,
    listed,
)

MARK = "pm"
LINKS = ("leave-token", "preferences-token")
WORDINGS = {
    "greeting_with_name": "Dear {name},",
    "greeting_without_name": "Dear reader,",
    "why_topics": "You follow {topics}.",
    "why_everything": "You follow everything.",
    "why_all_without_match": "Nothing matched, so you get all.",
    "why_note": "Nothing matched this month.",
}
TOPICS = ("Empathy", "Trauma & PTSD", "Training")
LETTER = "\n".join(key(MARK, part) for part in PARTS)


def _personal(selection: int = 0b11, topics: tuple[str, ...] = TOPICS) -> Personal:
    return Personal(words=WORDINGS, mark=MARK, topics=topics, selection=selection)


def _parts(name: str | None, bits: int = FOLLOWS_ALL) -> dict[str, str]:
    values = _personal().values(name, bits, links=LINKS)
    return {part: values[key(MARK, part)] for part in PARTS}


def test_the_wordings_of_these_tests_are_those_there_are() -> None:
    assert tuple(WORDINGS) == WORDS


@pytest.mark.parametrize(
    ("selection", "bits", "why"),
    [
        (0b11, FOLLOWS_ALL, "You follow everything."),
        (0, FOLLOWS_ALL, "You follow everything."),
        (0b01, 0b001, "You follow Empathy."),
        (0b11, 0b101, "You follow Empathy and Training."),
        (0b11, 0b111, "You follow Empathy, Trauma & PTSD and Training."),
        (0b11, 0, "Nothing matched, so you get all."),
        (0, 0, "Nothing matched this month."),
    ],
)
def test_a_letter_says_why_it_came(selection: int, bits: int, why: str) -> None:
    assert _personal(selection).why(bits) == why


def test_every_part_has_its_value() -> None:
    assert _parts("Ann Doe", 0b010) == {
        "greeting_html": "Dear Ann Doe,",
        "greeting_text": "Dear Ann Doe,",
        "why_html": "You follow Trauma &amp; PTSD.",
        "why_text": "You follow Trauma & PTSD.",
        "leave": "leave-token",
        "preferences": "preferences-token",
    }


@pytest.mark.parametrize(
    "name",
    [
        None,
        "",
        "   ",
        "\n\t",
        "Ann\0",
        "Ann\x1b[31m",
        "A\u202enn",
        "A\u200bnn",
        "-pm.leave-",
        "x-pm.y",
    ],
)
def test_who_has_no_name_that_can_be_printed_is_a_reader(name: str | None) -> None:
    assert _parts(name)["greeting_text"] == "Dear reader,"


@pytest.mark.parametrize(
    ("name", "greeting"),
    [
        ("Zoë  d'Été\n", "Dear Zoë d'Été,"),
        ("Ann\r\nBcc: all@example.org", "Dear Ann Bcc: all@example.org,"),
        ("{name} {topics}", "Dear {name} {topics},"),
        ("A" * 500, f"Dear {'A' * LONGEST_NAME},"),
    ],
)
def test_a_name_stands_on_one_line_and_is_not_read_again(name: str, greeting: str) -> None:
    parts = _parts(name)
    assert unescape(parts["greeting_html"]) == greeting
    # A long line of text is wrapped, and loses nothing by it.
    assert "".join(parts["greeting_text"].split()) == "".join(greeting.split())


@pytest.mark.parametrize("name", ["<b>Ann</b>", '"><script>x</script>', "Ann & 'Co'"])
def test_a_name_can_not_be_markup(name: str) -> None:
    shown = _parts(name)["greeting_html"]
    assert not set("<>\"'") & set(shown)
    assert unescape(shown) == f"Dear {name},"


@given(
    st.text(max_size=120)
    | st.lists(st.sampled_from([*LETTER.split(), "-", "pm", ".", "{name}"])).map("".join),
    st.integers(-1, 7),
)
def test_no_value_holds_a_key(name: str, bits: int) -> None:
    values = _personal().values(name, bits, links=LINKS)
    assert not [k for value in values.values() for k in values if k in value]
    # So the order in which a provider fills them in never matters.
    turned = dict(reversed(values.items()))
    assert filled_in(LETTER, values) == filled_in(LETTER, turned) == "\n".join(values.values())


def test_text_is_wrapped_and_html_is_not() -> None:
    topics = tuple(f"Topic number {n}" for n in range(12))
    values = _personal(topics=topics).values(None, (1 << 12) - 1, links=LINKS)
    lines = values[key(MARK, "why_text")].splitlines()
    assert max(len(line) for line in lines) <= TEXT_WIDTH
    assert " ".join(lines) == values[key(MARK, "why_html")]


def test_one_readers_values_are_never_anothers() -> None:
    personal = _personal()
    first = personal.values("Ann", 0b001, links=("a", "b"))
    second = personal.values("Bob", 0b010, links=("c", "d"))
    assert not set(first.values()) & set(second.values())
    assert personal.values("Ann", 0b001, links=("a", "b")) == first


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([], ""),
        (["A"], "A"),
        (["A", "B"], "A and B"),
        (["A", "B", "C"], "A, B and C"),
        (["A, or a", "B", "C"], "A, or a; B and C"),
    ],
)
def test_names_are_listed_as_a_person_would(names: list[str], expected: str) -> None:
    assert listed(names) == expected
