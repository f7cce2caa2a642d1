"""Making letters to look at."""

from pathlib import Path

from making import (
    ALLIANCE,
    EMPATHY,
    MASTHEAD,
    NOW,
    SIGNER,
    TOPICS,
    TRAINING,
    TRAUMA,
    a_press,
    a_summary,
    an_issue,
)
from pprmail.model.edition import Rendered
from pprmail.model.issue import Issue
from pprmail.model.masthead import Masthead
from pprmail.model.personal import Personal, filled_in
from pprmail.rendering.letter import Press
from pprmail.rendering.shelf import Shelf
from pprmail.shipped import shipped

TITLES = (
    "Does the Alliance Predict Outcome in Every Kind of Psychotherapy?",
    "Training Therapists: What Deliberate Practice Adds",
    "Empathy and Trauma: Small Effects, Large Meaning",
    "Feedback from Clients?",
    "What Dropouts Say",
    "Supervision, Thirty Years On",
)
CARRIED = ([ALLIANCE], [TRAINING], [EMPATHY, TRAUMA], [TRAUMA], [EMPATHY], [TRAINING])
BODY = """\
The first paragraph says **what was found** and [where](https://example.org/study).

- a list
- of two, with
  1. a list
  2. inside

> A quotation, set apart, that goes on for so long that it does not fit on one line of text.

### A heading of the editor's

| Group | n | Effect |
|---|---|---|
| Treatment | 120 | [0.45](https://example.org/effect) |
| Control | 118 | 0.10 |

A line\\
broken hard, and some `code`.

    preformatted text

"""


def a_full_issue(count: int = 3, **changed: object) -> Issue:
    """Make a draft with everything in it that a letter can hold."""
    summaries = [
        a_summary(
            title,
            topics=list(topics),
            doi=f"10.1000/{place}",
            in_brief=f"In brief number {place}." if place != 1 else None,
            body=BODY + f"What study {place} is about. " * 30,
        )
        for place, (title, topics) in enumerate(zip(TITLES[:count], CARRIED, strict=False))
    ]
    texts: dict[str, object] = {
        "introduction": "Dear colleagues,\n\n## News\n\nwe [moved](https://example.org/moved).",
        "notices": "- A workshop on [2 December](https://example.org/workshop)\n- Another one",
    }
    return an_issue(*summaries, **(texts | changed))


def a_press_with(folder: Path, masthead: Masthead = MASTHEAD) -> Press:
    """Make a press whose workspace has templates of its own in a folder."""
    return Press(Shelf([folder, shipped("templates")]), a_press(masthead).views)


def read_by(edition: Rendered, name: str | None = "Jo Doe") -> tuple[str, str]:
    """Give HTML and text with one reader's parts put in."""
    personal = Personal(edition.words, edition.mark, TOPICS.names([ALLIANCE, TRAINING]), 1)
    tokens = SIGNER.leave_token("A" * 22), SIGNER.preferences_token("A" * 22, now=NOW)
    values = personal.values(name, 3, links=tokens)
    return filled_in(edition.html, values), filled_in(edition.text, values)
