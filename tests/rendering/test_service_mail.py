from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from making import MASTHEAD
from pprmail.model import occasion
from pprmail.model.occasion import Occasion, SendHeld
from pprmail.rendering.letter import FOLDERS
from pprmail.rendering.service_mail import ServiceMails
from pprmail.rendering.shelf import Shelf, TemplateProblemError
from pprmail.shipped import shipped
from rendering.reading import addresses, elements, links, page, shown, words
from rendering.specimens import OCCASIONS

EMAILS = shipped("templates") / "email"
MAILS = ServiceMails(Shelf([shipped("templates")]), MASTHEAD)
HELD = SendHeld(name="2026-11", month_in_words="November 2026", send_at="Tuesday", reason="Why")


def kinds() -> set[str]:
    """Give the kind of every occasion there is."""
    return {each.kind for each in vars(occasion).values() if is_occasion(each)}


def is_occasion(each: object) -> bool:
    return isinstance(each, type) and issubclass(each, Occasion) and each is not Occasion


def test_every_occasion_has_its_three_templates_and_every_such_folder_its_occasion() -> None:
    folders = {path.parent.name for path in EMAILS.glob("*/subject.txt")}
    letters = {folder.rpartition("/")[2] for folder in FOLDERS.values()}
    assert folders - letters == kinds() == {each.kind for each in OCCASIONS.values()}
    for folder in folders:
        assert {"subject.txt", "body.txt", "body.html"} <= {
            path.name for path in (EMAILS / folder).iterdir()
        }


@pytest.mark.parametrize("name", OCCASIONS)
def test_a_mail_says_the_same_in_html_and_in_text(name: str) -> None:
    mail = MAILS.write(OCCASIONS[name]).words
    assert mail.subject == " ".join(mail.subject.split())
    assert [e.tag for e in elements(mail.html)].count("h1") == 1
    assert page(mail.html).findtext("head/title") == mail.subject
    assert words(shown(mail.html)) == words(without_addresses(mail.text))
    assert addresses(mail.text) == links(mail.html)


@pytest.mark.parametrize("name", OCCASIONS)
def test_lines_of_a_mail_are_short_and_blank_lines_single(name: str) -> None:
    text = MAILS.write(OCCASIONS[name]).words.text
    for line in text.split("\n"):
        assert len(line) <= 72 or line.startswith("https://")
        assert line == line.rstrip()
    assert "\n\n\n" not in text


@pytest.mark.parametrize("name", OCCASIONS)
def test_a_mail_says_who_sends_it_from_where_and_why(name: str) -> None:
    end = MAILS.write(OCCASIONS[name]).words.text.rpartition("=" * 72)[2]
    assert end.strip().startswith("You are receiving this email because ")
    for line in (MASTHEAD.name, *MASTHEAD.postal_address.split("\n"), MASTHEAD.reply_to):
        assert f"\n{line}\n" in end


def test_who_asked_for_a_subscription_finds_one_link_to_press_and_no_other_but_for_answers() -> (
    None
):
    mail = MAILS.write(OCCASIONS["confirmation"]).words
    assert [link.split("/")[3] for link in links(mail.html)[:-1]] == ["confirm"]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("topics changed", "you will get a short list of the summaries."),
        ("everything in a bare month", "you will get everything."),
        ("nothing in a bare month", "you will get nothing."),
    ],
)
def test_a_reader_is_told_what_a_month_without_a_match_brings(name: str, sentence: str) -> None:
    text = MAILS.write(OCCASIONS[name]).words.text
    assert f"In a month without them {sentence}" in text


def test_names_and_reasons_are_words_and_not_markup() -> None:
    attack = "<script>x</script> {{ masthead }} -pm.leave-"
    mails = ServiceMails(Shelf([shipped("templates")]), replace(MASTHEAD, name=attack))
    mail = mails.write(replace(HELD, send_at=attack, reason=attack)).words
    assert "script" not in {e.tag for e in elements(mail.html)}
    assert shown(mail.html).count(attack) == 5
    assert " ".join(mail.text.split()).count(attack) == 4


def test_a_name_that_a_template_asks_for_in_vain_is_an_error(tmp_path: Path) -> None:
    own = tmp_path / "email" / "send_held" / "body.html"
    own.parent.mkdir(parents=True)
    own.write_text("{{ reasons }}")
    with pytest.raises(TemplateProblemError, match="reasons"):
        ServiceMails(Shelf([tmp_path, shipped("templates")]), MASTHEAD).write(HELD)


def test_a_kind_without_templates_is_named(tmp_path: Path) -> None:
    @dataclass(frozen=True)
    class Gone(Occasion):
        kind = "gone"

    with pytest.raises(TemplateProblemError, match=r"email/gone/subject\.txt"):
        ServiceMails(Shelf([tmp_path]), MASTHEAD).write(Gone())


def without_addresses(text: str) -> str:
    """Give a text without the lines that hold an address alone, but for the one to answer to."""
    return "\n".join(line for line in text.split("\n") if not line.startswith("https://"))
