import re
from dataclasses import replace

import pytest

from making import MASTHEAD, a_press, a_summary, an_issue
from rendering.letters import a_full_issue, read_by
from rendering.reading import addresses, is_within, links, shown, words
from rendering.specimens import specimens

SELECTIONS = [0, 1, 5, 7]


@pytest.mark.parametrize("selection", SELECTIONS)
def test_the_text_says_every_word_of_the_letter_in_the_same_order(selection: int) -> None:
    issue = a_full_issue()
    for summary in issue.summaries:
        # A table is read out row by row: that order is another.
        summary.body = summary.body.replace("|", "")
    html, text = read_by(a_press().edition(issue, selection))
    assert is_within(words(shown(html)), words(text))


@pytest.mark.parametrize("name", ["one", "two", "three", "six", "one of three", "titles only"])
def test_the_text_says_no_word_that_the_letter_does_not_say(name: str) -> None:
    mail = specimens()[name]
    lines = [line for line in mail.text.split("\n") if not line.strip().startswith("https://")]
    # The contents list is numbered in both, but in HTML by the mail program.
    said = [re.sub(r"^[0-9]\. ", "", line) for line in lines]
    # A DOI's link shows its address, which stands on a line of its own in the text.
    said += [link for link in links(mail.html) if link.startswith("https://doi.org/")]
    assert sorted(words("\n".join(said))) == sorted(words(shown(mail.html)))


@pytest.mark.parametrize("selection", SELECTIONS)
def test_the_text_leads_to_every_place_that_the_letter_leads_to_in_the_same_order(
    selection: int,
) -> None:
    html, text = read_by(a_press().edition(a_full_issue(), selection))
    assert addresses(text) == links(html)


@pytest.mark.parametrize("selection", SELECTIONS)
def test_lines_are_short_and_blank_lines_single(selection: int) -> None:
    _, text = read_by(a_press().edition(a_full_issue(6), selection))
    lines = text.split("\n")
    assert all(len(line) <= 78 or line.strip() in addresses(text) for line in lines)
    assert all(line == line.rstrip() for line in lines)
    assert "\n\n\n" not in text
    assert text == text.strip("\n") + "\n"


def test_parts_of_the_letter_are_set_apart() -> None:
    _, text = read_by(a_press().edition(a_full_issue(), 5))
    for heading in ("IN THIS LETTER", "PRACTICE IMPLICATIONS", "ALSO THIS MONTH", "NOTICES"):
        assert re.search(rf"\n(\n|={{72}}\n){heading}\n\n", text)
    assert text.count(f"\n{'=' * 72}\n") == 6
    assert re.search(r"November 2026: two summaries for you\n={72}\n\nDear Jo Doe,\n\n", text)


def test_the_whole_text_of_a_small_letter_reads_well() -> None:
    summary = a_summary(
        "What Helps?", in_brief="Talking does.", body="It *does* help.", implications="Talk."
    )
    _, text = read_by(a_press().edition(an_issue(summary), 1), name=None)
    assert text == SMALL


def test_words_longer_than_a_line_are_broken_and_addresses_are_not() -> None:
    long, link = "x" * 200, f"https://example.org/{'y' * 200}"
    summary = a_summary(long, citation=f"{long} {link}", body=f"{long} {link}\n\n    {long}")
    _, text = read_by(a_press().edition(an_issue(summary), 1))
    assert all(len(line) <= 78 or line.strip().startswith("https://") for line in text.split("\n"))
    assert text.count(link) == 2
    assert text.replace("\n", "").replace(" ", "").count(long) == 5


def test_a_long_name_and_a_long_street_are_wrapped_too() -> None:
    masthead = replace(MASTHEAD, name="Letter " * 30, postal_address="Street " * 30)
    _, text = read_by(a_press(masthead).edition(an_issue(a_summary()), 1))
    assert all(len(line) <= 78 or line.startswith("https://") for line in text.split("\n"))
    # The name stands in the sign-off, too, where that of the sender is shorter.
    assert (text.count("LETTER"), text.count("Letter"), text.count("Street")) == (30, 31, 30)


SMALL = f"""\
THE PRACTICE RESEARCH LETTER
November 2026: one summary for you
{"=" * 72}

Dear reader,

{"=" * 72}
Meta-analysis · 1 min read

What Helps?
-----------
Alliance and Therapeutic Relationship

In brief: Talking does.

It does help.

PRACTICE IMPLICATIONS

Talk.

THE STUDY

Doe, J. (2021). A study of something. Journal of Studies, 5(2), 10–20.
https://doi.org/10.1000/xyz123

Cite: Doe (2021) as RIS:
https://letter.example.org/summaries/what-helps.ris
Doe (2021) as BibTeX:
https://letter.example.org/summaries/what-helps.bib

Read “What Helps?” on the web:
https://letter.example.org/summaries/what-helps

{"=" * 72}
Thank you for reading. If you reply, your message goes to the editors.

The Practice Research Letter

You get this because you follow Alliance and Therapeutic Relationship
and Training.

Choose your topics:
https://letter.example.org/preferences/AAAAAAAAAAAAAAAAAAAAAA.2518.DgDx9mw4AUqhKs1TH8Zw8A

Unsubscribe from this letter:
https://letter.example.org/unsubscribe/AAAAAAAAAAAAAAAAAAAAAA.UwZl4EOnx2Anr3rOadeI2w

Read the full issue on the web:
https://letter.example.org/archive/2026-11

The first two of these links are yours alone: leave them out when you
forward this letter.

Forwarded to you? Get your own.
https://letter.example.org/subscribe

The Practice Research Letter
Practice Research Network
1 Example Street
Ottawa ON
editor@example.org
"""
