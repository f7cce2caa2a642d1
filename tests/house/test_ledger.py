"""The ledger of consents is only ever added to: no line of the program changes or deletes one.

The database refuses it, too (tests/storage/test_append_only.py); here it is found before it is tried.
"""

import re
from pathlib import Path

SOURCES = Path(__file__).parents[2] / "src" / "pprmail"
ERASURE = re.compile(r"eras")
"""A file that is named after erasure may take a consent away, and no other."""

CHANGES = [
    re.compile(r"\b(?:update|delete)\(\s*(?:Consent|_CONSENTS)\b"),
    re.compile(r"\b_CONSENTS\.(?:update|delete)\("),
    re.compile(r"\bconsent\.\w+(?:\s*,\s*\w+\.\w+)*\s*=[^=]"),
    re.compile(r"\.consents\s*=[^=]"),
    re.compile(r"\.consents\.(?:remove|clear|pop)\("),
    re.compile(r"\bdelete\(\s*(?:consent|reader\.consents)"),
]


def test_nothing_but_erasure_changes_or_deletes_a_consent() -> None:
    found = {
        (path.name, pattern.pattern)
        for path in SOURCES.rglob("*.py")
        if "migrations" not in path.parts and not ERASURE.search(path.name)
        for pattern in CHANGES
        if pattern.search(path.read_text(encoding="utf-8"))
    }
    assert found == set()


def test_whatever_would_change_a_consent_would_be_found() -> None:
    for line in (
        "update(Consent).values(how='x')",
        "delete(Consent)",
        "consent.ends_at = now",
        "reader.consents = []",
        "reader.consents.clear()",
        "session.delete(consent)",
        "_CONSENTS.delete()",
    ):
        assert any(pattern.search(line) for pattern in CHANGES), line
    for line in ("consent.at == now", "reader.consents.append(consent)", "reader.consents += more"):
        assert not any(pattern.search(line) for pattern in CHANGES), line


LOG_CHANGES = [
    re.compile(r"\b(?:update|delete)\(\s*AuditEntry\b"),
    re.compile(r"\bUPDATE\s+audit_entries|\bDELETE\s+FROM\s+audit_entries", re.IGNORECASE),
    re.compile(r"\b(?:entry|line|noted)\.(?:detail|what|who|at|subject)\s*=[^=]"),
]


def test_nothing_but_erasure_changes_a_line_of_the_log_and_nothing_deletes_one() -> None:
    for path in SOURCES.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        found = [pattern.pattern for pattern in LOG_CHANGES if pattern.search(text)]
        assert not found or ERASURE.search(path.name), (path.name, found)
        assert not re.search(r"\bdelete\(\s*AuditEntry\b", text), path.name


def test_whatever_would_change_a_line_of_the_log_would_be_found() -> None:
    for line in (
        "update(AuditEntry).values(who='x')",
        "delete(AuditEntry)",
        "DELETE FROM audit_entries",
        "entry.detail = {}",
    ):
        assert any(pattern.search(line) for pattern in LOG_CHANGES), line
    assert not any(pattern.search("entry.who == who") for pattern in LOG_CHANGES)
