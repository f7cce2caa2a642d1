"""A subscriber: one row for one mailbox, ends that only grow graver, and choices of topics."""

from datetime import timedelta
from itertools import permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from making import NOW
from pprmail.model.audience import NoMatch
from pprmail.model.subscriber import (
    GRAVITY,
    EndReason,
    Subscriber,
    SubscriberStatus,
    address_key,
    new_public_id,
)

LATER = NOW + timedelta(days=1)
# Every address of a row is one mailbox.
SAME_MAILBOX = [
    ("doe@example.org", "DOE@EXAMPLE.ORG", " Doe@Example.org\n", "dOE@example.ORG"),
    ("élan@example.org", "ÉLAN@example.org", "e\u0301lan@example.org", "E\u0301LAN@example.org"),
    (
        "doe@école.example",
        "doe@ÉCOLE.example",
        "doe@xn--cole-9oa.example",
        "DOE@XN--COLE-9OA.example",
    ),
    ("doe@example.org", "doe@ｅｘａｍｐｌｅ.org", "doe@example。org"),
    # This letter has a composed small form and no composed capital.
    ("\u01f0@example.org", "j\u030c@example.org", "J\u030c@example.org"),
]


def _reader(status: SubscriberStatus = SubscriberStatus.ACTIVE) -> Subscriber:
    return Subscriber(
        public_id=new_public_id(),
        status=status,
        follows_all=True,
        no_match=NoMatch.NOTE,
        preferences=[],
    )


@pytest.mark.parametrize("addresses", SAME_MAILBOX)
def test_one_mailbox_has_one_key_however_it_is_written(addresses: tuple[str, ...]) -> None:
    assert len({address_key(address) for address in addresses}) == 1


def test_different_mailboxes_have_different_keys() -> None:
    # Providers differ in what they make of dots and tags, so that these are left alone.
    addresses = "doe@a.org d.oe@a.org doe+letter@a.org doe@b.org doe@a.b.org élan@a.org elan@a.org"
    assert len({address_key(address) for address in addresses.split()}) == 7


@given(st.text(min_size=1, max_size=20))
def test_the_key_of_a_key_is_itself(local: str) -> None:
    key = address_key(f"{local}@Example.org")
    assert address_key(key) == key
    assert key.endswith("@example.org")


@pytest.mark.parametrize(
    "domain", ["", ".", "a b.org", "exa_mple.org", "-a.org", "x" * 64 + ".org"]
)
def test_what_is_no_domain_is_refused(domain: str) -> None:
    with pytest.raises(ValueError, match="is no domain of an address"):
        address_key(f"doe@{domain}")


@pytest.mark.parametrize("status", [SubscriberStatus.PENDING, SubscriberStatus.ACTIVE])
@pytest.mark.parametrize("reason", list(EndReason))
def test_any_reason_ends_letters(status: SubscriberStatus, reason: EndReason) -> None:
    reader = _reader(status)
    assert reader.end(reason, now=NOW)
    ended = (reader.status, reader.end_reason, reader.ended_at)
    assert ended == (SubscriberStatus.ENDED, reason, NOW)


@pytest.mark.parametrize(("first", "second"), list(product(EndReason, repeat=2)))
def test_only_a_graver_reason_takes_the_place_of_another(
    first: EndReason, second: EndReason
) -> None:
    reader = _reader()
    reader.end(first, now=NOW)
    changed = reader.end(second, now=LATER)
    assert changed is (GRAVITY[second] > GRAVITY[first])
    assert reader.end_reason is (second if changed else first)
    # Letters ended when they first did, whatever was learned later.
    assert (reader.status, reader.ended_at) == (SubscriberStatus.ENDED, NOW)


def test_the_order_of_events_never_matters() -> None:
    assert len(set(GRAVITY.values())) == len(EndReason) == len(GRAVITY)
    for reasons in permutations(EndReason):
        reader = _reader()
        for reason in reasons:
            reader.end(reason, now=NOW)
        assert reader.end_reason is EndReason.COMPLAINED


def test_following_topics_ends_all_others() -> None:
    reader = _reader()
    reader.follow(["empathy", "training", "empathy"], now=NOW)
    assert (reader.chosen_topics, reader.follows_all) == (["empathy", "training"], False)
    reader.follow(["training", "couples"], now=LATER)
    assert reader.chosen_topics == ["training", "couples"]
    ended = [(p.topic, p.begun_at, p.ended_at) for p in reader.preferences if p.ended_at]
    assert ended == [("empathy", NOW, LATER)]


def test_a_topic_that_is_kept_is_not_begun_again() -> None:
    reader = _reader()
    reader.follow(["empathy"], now=NOW)
    reader.follow(["empathy"], now=LATER)
    assert [(p.topic, p.begun_at) for p in reader.preferences] == [("empathy", NOW)]


def test_following_no_topic_means_everything() -> None:
    reader = _reader()
    reader.follow(["empathy"], now=NOW)
    reader.follow([], now=LATER)
    assert (reader.chosen_topics, reader.follows_all) == ([], True)
    reader.follow(["empathy"], now=LATER)
    assert (len(reader.preferences), reader.follows_all) == (2, False)


def test_a_public_id_is_a_name_nobody_guesses() -> None:
    names = {new_public_id() for _ in range(1000)}
    assert len(names) == 1000
    assert {len(name) for name in names} == {22}
