"""What an approval signs: every column there is, but for those that were left out by name."""

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import pytest

from making import MASTHEAD, a_summary, an_issue
from pprmail.model.approval import (
    NOT_SIGNED,
    Manifest,
    changed_fields,
    content_manifest,
    fingerprint_of_manifest,
)
from pprmail.model.issue import Issue
from pprmail.model.masthead import Masthead
from pprmail.model.summary import Summary

SLUG = "a-question-about-alliance"
TEMPLATES = {"email/letter/body.html": "a" * 64}


def columns(record: type[Issue] | type[Summary]) -> list[str]:
    return [column.key for column in record.__mapper__.column_attrs]


def signed(change: Callable[[Issue], None] = lambda _: None) -> Manifest:
    issue = an_issue(a_summary())
    change(issue)
    return content_manifest(issue, MASTHEAD, templates=TEMPLATES)


@pytest.mark.parametrize("column", columns(Issue))
def test_every_column_of_an_issue_is_signed_or_left_out_by_name(column: str) -> None:
    expected = [] if column in NOT_SIGNED["issues"] else [f"issue.{column}"]
    changed = signed(lambda issue: setattr(issue, column, "another value"))
    assert changed_fields(signed(), changed) == expected


@pytest.mark.parametrize("column", sorted(set(columns(Summary)) - {"slug"}))
def test_every_column_of_a_summary_is_signed_or_left_out_by_name(column: str) -> None:
    expected = [] if column in NOT_SIGNED["summaries"] else [f"summary {SLUG}.{column}"]
    changed = signed(lambda issue: setattr(issue.summaries[0], column, "another value"))
    assert changed_fields(signed(), changed) == expected


@pytest.mark.parametrize(("table", "record"), [("issues", Issue), ("summaries", Summary)])
def test_only_columns_that_exist_are_left_out(table: str, record: type[Issue]) -> None:
    assert set(columns(record)) >= NOT_SIGNED[table]


def test_the_slug_the_topics_and_the_order_of_summaries_are_signed() -> None:
    def rename(issue: Issue) -> None:
        issue.summaries[0].slug = "another"

    def retopic(issue: Issue) -> None:
        issue.summaries[0].topics = ["empathy"]

    assert "issue.order" in changed_fields(signed(), signed(rename))
    assert changed_fields(signed(), signed(retopic)) == [f"summary {SLUG}.topics"]


def test_two_summaries_in_another_order_are_another_letter() -> None:
    first, second = a_summary("First?"), a_summary("Second?")
    one = content_manifest(an_issue(first, second), MASTHEAD, templates={})
    other = content_manifest(
        an_issue(a_summary("Second?"), a_summary("First?")), MASTHEAD, templates={}
    )
    assert changed_fields(one, other) == ["issue.order"]
    assert fingerprint_of_manifest(one) != fingerprint_of_manifest(other)


@pytest.mark.parametrize("name", [f.name for f in fields(Masthead) if f.name != "brand"])
def test_every_field_of_the_masthead_is_signed(name: str) -> None:
    other: dict[str, Any] = {name: "another value"}
    present = content_manifest(
        an_issue(a_summary()), replace(MASTHEAD, **other), templates=TEMPLATES
    )
    assert changed_fields(signed(), present) == [f"masthead.{name}"]


@pytest.mark.parametrize("name", [f.name for f in fields(MASTHEAD.brand)])
def test_every_field_of_the_brand_is_signed(name: str) -> None:
    other: dict[str, Any] = {name: "another value"}
    masthead = replace(MASTHEAD, brand=replace(MASTHEAD.brand, **other))
    present = content_manifest(an_issue(a_summary()), masthead, templates=TEMPLATES)
    assert changed_fields(signed(), present) == [f"masthead.brand.{name}"]


def test_another_template_is_named() -> None:
    present = content_manifest(
        an_issue(a_summary()), MASTHEAD, templates={"email/letter/body.html": "b" * 64}
    )
    assert changed_fields(signed(), present) == ["template email/letter/body.html"]
