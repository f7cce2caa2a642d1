from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from making import MASTHEAD
from pprmail.rendering.service_mail import ServiceMails
from pprmail.rendering.shelf import Shelf, TemplateProblemError
from pprmail.shipped import shipped
from rendering.reading import elements, is_within, page, shown, words

MONTH: dict[str, Any] = {"name": "2026-11", "month_in_words": "November 2026"}
KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "ready": (
        "issue_ready",
        MONTH
        | {
            "summaries": ["One & <b>Two</b>?", "A long title " * 12],
            "errors": ["summary one: it has no topic"],
            "send_at": "Tuesday 8 December 2026, 09:00",
        },
    ),
    "ready and right": (
        "issue_ready",
        MONTH | {"summaries": ["One?"], "errors": [], "send_at": "Tuesday"},
    ),
    "nothing there": ("issue_ready", MONTH | {"summaries": [], "errors": ["x"], "send_at": "-"}),
    "held": ("send_held", MONTH | {"send_at": "Tuesday", "reason": "It is not approved. " * 8}),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_mail_says_the_same_in_html_and_in_text(kind: str) -> None:
    folder, data = KINDS[kind]
    mail = ServiceMails(Shelf([shipped("templates")]), MASTHEAD).render(folder, data)
    assert mail.subject == " ".join(mail.subject.split())
    assert "November 2026" in mail.subject
    assert [e.tag for e in elements(mail.html)].count("h1") == 1
    assert page(mail.html).findtext("head/title") == mail.subject
    assert is_within(words(shown(mail.html)), words(mail.text))
    assert all(len(line) <= 78 and line == line.rstrip() for line in mail.text.split("\n"))
    assert "\n\n\n" not in mail.text


def test_names_and_reasons_are_words_and_not_markup() -> None:
    attack = "<script>x</script> {{ masthead }} -pm.leave-"
    mails = ServiceMails(Shelf([shipped("templates")]), replace(MASTHEAD, name=attack))
    mail = mails.render("send_held", MONTH | {"send_at": attack, "reason": attack})
    assert "script" not in {e.tag for e in elements(mail.html)}
    assert shown(mail.html).count(attack) == 3
    assert mail.text.count(attack) == 2


def test_a_kind_without_templates_is_named(tmp_path: Path) -> None:
    with pytest.raises(TemplateProblemError, match=r"email/gone/subject\.txt"):
        ServiceMails(Shelf([tmp_path]), MASTHEAD).render("gone", {})
