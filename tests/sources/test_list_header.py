"""Columns of other systems: mapped by name, put together, or left out and named."""

from pathlib import Path

import pytest

from making import EMPATHY, MASTHEAD, TOPICS, TRAINING
from pprmail.errors import SourceError
from pprmail.sources.list_header import mapping_of
from pprmail.sources.list_words import standing
from pprmail.sources.subscriber_list import SubscriberList, Told, read_subscribers

MAPPED = ["Email Address=email", "First Name=name", "Last Name=name", "TAGS=topics"]
THEIRS = (
    "Email Address,First Name,Last Name,MEMBER_RATING,TAGS,status,Rating = new?\n"
    "ann@example.org,Ann,Lee,3,Training;Empathy,subscribed,1\n"
    "bo@example.org,,Bo,,,cleaned,\n"
)


def read(folder: Path, text: str, *told: str) -> SubscriberList:
    path = folder / "list.csv"
    path.write_text(text)
    return read_subscribers(Told(path, MASTHEAD.zone, mapping_of(told)), TOPICS)


def test_a_file_of_another_system_is_read_as_it_is_told(tmp_path: Path) -> None:
    found = read(tmp_path, THEIRS, *MAPPED)
    (_, ann), (_, bo) = found.lines
    assert (ann.email, ann.name, ann.topics) == ("ann@example.org", "Ann Lee", [TRAINING, EMPATHY])
    assert (bo.name, bo.status, bo.end_reason) == ("Bo", "ended", "bounced")
    assert found.ignored == ["MEMBER_RATING", "Rating = new?"]
    assert found.words == {("subscribed", "active"): 1, ("cleaned", "ended (bounced)"): 1}


def test_names_of_columns_are_compared_without_case_and_spaces(tmp_path: Path) -> None:
    assert read(tmp_path, THEIRS, " email  ADDRESS =email").lines[0][1].email == "ann@example.org"


def test_a_name_of_theirs_may_hold_the_sign_between(tmp_path: Path) -> None:
    told = ["Email Address=email", "Rating = new?=consent_source"]
    assert read(tmp_path, THEIRS, *told).lines[0][1].consent_source == "1"


def test_columns_that_nobody_mapped_are_left_out_only_where_some_are_mapped(
    tmp_path: Path,
) -> None:
    with pytest.raises(SourceError, match="unknown: Email Address"):
        read(tmp_path, THEIRS)


@pytest.mark.parametrize("told", ["Email", "=email", "Email=mail", ""])
def test_a_mapping_that_maps_nothing_is_refused(told: str) -> None:
    with pytest.raises(SourceError, match="maps no column") as caught:
        mapping_of([told])
    assert "Their header=email" in caught.value.remedy


@pytest.mark.parametrize(
    ("header", "told", "said"),
    [
        ("Mail,Name", "E-mail=email", "“e-mail” that --map names is not there"),
        ("Mail,mail", "mail=email", "is there more than once"),
        ("email,Mail", "Mail=email", "each at most once"),
        ("name,Mail", "Mail=name", "email at least"),
    ],
)
def test_a_mapping_that_does_not_fit_the_file_is_refused(
    tmp_path: Path, header: str, told: str, said: str
) -> None:
    with pytest.raises(SourceError) as caught:
        read(tmp_path, f"{header}\na,b\n", told)
    assert said in caught.value.message


def test_foreign_columns_that_are_left_out_may_have_the_same_name(tmp_path: Path) -> None:
    found = read(tmp_path, "Mail,Note,Note\nann@example.org,1,2\n", "Mail=email")
    assert (len(found.lines), found.ignored) == (1, ["Note", "Note"])


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        ("Subscribed", "active"),
        ("abonnée", "active"),
        ("ABONNÉ", "active"),
        ("Unconfirmed", "pending"),
        ("en attente", "pending"),
        ("Opted-Out", "ended (unsubscribed)"),
        ("opt_out", "ended (unsubscribed)"),
        ("Désabonné", "ended (unsubscribed)"),
        ("désinscrit", "ended (unsubscribed)"),
        ("cleaned", "ended (bounced)"),
        ("Hard Bounce", "ended (bounced)"),
        ("rejeté", "ended (bounced)"),
        ("Spam complaint", "ended (complained)"),
        ("plainte", "ended (complained)"),
        ("ended", "ended (import)"),
    ],
)
def test_words_of_other_systems_mean_what_they_mean_there(word: str, meaning: str) -> None:
    assert standing(word).in_words == meaning


@pytest.mark.parametrize("word", ["happy", "non-subscribed", "transactional"])
def test_a_word_that_nobody_knows_makes_nobody_a_reader(word: str) -> None:
    with pytest.raises(ValueError, match="is not known; write active, pending or ended"):
        standing(word)
