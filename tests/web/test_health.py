from pathlib import Path

from pprmail.bootstrap import App
from web.visiting import Visitor, digest_of_rows, report


def test_health_is_well_while_the_rows_can_be_read(visitor_on_each: Visitor) -> None:
    answer = visitor_on_each.get("/health")
    assert (answer.status_code, answer.json()) == (200, {"ok": True})


def test_asking_changes_nothing(app: App, visitor: Visitor) -> None:
    before = digest_of_rows(app.database)
    visitor.get("/health")
    assert digest_of_rows(app.database) == before


def test_a_lost_database_is_not_well_and_is_not_replaced_by_an_empty_one(
    app: App, visitor: Visitor, tmp_path: Path
) -> None:
    app.database.close()
    (tmp_path / "pprmail.db").unlink()
    for _ in range(2):
        answer = visitor.get("/health")
        assert (answer.status_code, answer.json()) == (503, {"ok": False})


def test_a_spoilt_database_is_not_well_and_strangers_are_not_told_why(
    app: App, visitor: Visitor, tmp_path: Path
) -> None:
    app.database.close()
    (tmp_path / "pprmail.db").write_bytes(b"this is no database" * 100)
    answer = visitor.get("/health")
    assert (answer.status_code, answer.json()) == (503, {"ok": False})


def test_pages_and_reports_wait_for_a_database_that_is_lost_while_it_is_open(
    app: App, visitor: Visitor, tmp_path: Path
) -> None:
    assert visitor.get("/archive").status_code == 200
    (tmp_path / "pprmail.db").rename(tmp_path / "away.db")
    assert visitor.get("/archive").status_code == 503
    assert report(visitor, [{"event": "delivered", "timestamp": 1700000000}]).status_code == 503
    (tmp_path / "away.db").rename(tmp_path / "pprmail.db")
    assert visitor.get("/archive").status_code == 200
