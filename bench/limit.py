"""The reference of the dispatch benchmark: the fastest ordinary Python that keeps the same records.

One INSERT…SELECT for the ledger, one row for each request that is committed before its POST and
marked after it, dictionaries and orjson, two raw sockets that stay open. No model, no provider's
SDK, no journal, no second look at who has left.
"""

import hmac
import socket
import sqlite3
from base64 import urlsafe_b64encode
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from urllib.parse import urlsplit

import orjson

SOCKETS = 2
BATCH = 1000
LEDGER = """
CREATE TABLE ledger (id INTEGER PRIMARY KEY, subscriber_id INTEGER, edition INTEGER, request INTEGER);
CREATE TABLE calls (id INTEGER PRIMARY KEY, first INTEGER, last INTEGER, state TEXT);
"""
PLAN = """
INSERT INTO ledger (subscriber_id, edition)
SELECT s.id, coalesce(m.summaries, CASE WHEN s.follows_all OR s.no_match = 'all' THEN 7 ELSE 0 END)
FROM subscribers s LEFT JOIN (
  SELECT p.subscriber_id, SUM(DISTINCT 1 << t.position) AS summaries
  FROM preferences p JOIN (
    SELECT st.topic, i.position FROM summary_topics st
    JOIN issue_summaries i ON i.summary_id = st.summary_id) t ON t.topic = p.topic
  WHERE p.ended_at IS NULL GROUP BY p.subscriber_id) m ON m.subscriber_id = s.id
WHERE s.status = 'active' AND (m.summaries IS NOT NULL OR s.follows_all OR s.no_match != 'skip')
ORDER BY 2 DESC, 1
"""
CLAIM = """
SELECT l.id, s.public_id, s.email, s.name FROM ledger l JOIN subscribers s ON s.id = l.subscriber_id
WHERE l.id > ? AND l.edition = (SELECT edition FROM ledger WHERE id = ?) ORDER BY l.id LIMIT 1000
"""


def run_limit(database: Path, host: str) -> int:
    """Send the issue; give the number of letters."""
    connection = sqlite3.connect(database, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA synchronous = FULL")
    connection.executescript(LEDGER)
    connection.execute(PLAN)
    total = int(connection.execute("SELECT count(*) FROM ledger").fetchone()[0])
    selection = {
        row[0]: row
        for row in connection.execute(
            "SELECT selection, subject, html, text FROM editions WHERE superseded_at IS NULL"
        )
    }
    turn, cursor = Lock(), [0]
    with ThreadPoolExecutor(SOCKETS) as pool:
        for worker in [
            pool.submit(_work, connection, selection, turn, cursor, host) for _ in range(SOCKETS)
        ]:
            worker.result()
    connection.close()
    return total


def _work(connection, selection, turn, cursor, host) -> None:  # type: ignore[no-untyped-def]
    address = urlsplit(host)
    with socket.create_connection((address.hostname, address.port)) as wire:
        while True:
            with turn:
                rows = connection.execute(CLAIM, (cursor[0], cursor[0] + 1)).fetchall()
                if not rows:
                    return
                edition = connection.execute(
                    "SELECT edition FROM ledger WHERE id = ?", (rows[0][0],)
                ).fetchone()[0]
                call = connection.execute(
                    "INSERT INTO calls (first, last, state) VALUES (?, ?, 'submitting')",
                    (rows[0][0], rows[-1][0]),
                ).lastrowid
                cursor[0] = rows[-1][0]
            _post(wire, _body(rows, selection[edition]))
            with turn:
                connection.execute("UPDATE calls SET state = 'accepted' WHERE id = ?", (call,))


def _body(rows, edition) -> bytes:  # type: ignore[no-untyped-def]
    return orjson.dumps(
        {
            "from": {"email": "letter@example.org", "name": "Letter"},
            "subject": edition[1],
            "content": [
                {"type": "text/plain", "value": edition[3]},
                {"type": "text/html", "value": edition[2]},
            ],
            "personalizations": [_personalization(row) for row in rows],
        }
    )


def _personalization(row) -> dict[str, object]:  # type: ignore[no-untyped-def]
    mac = hmac.digest(b"a secret key of the benchmark", row[1].encode(), "sha256")[:16]
    leave = f"{row[1]}.{urlsafe_b64encode(mac).decode()}"
    mac = hmac.digest(b"a secret key of the benchmark", b"p" + row[1].encode(), "sha256")[:16]
    preferences = f"{row[1]}.2500.{urlsafe_b64encode(mac).decode()}"
    return {
        "to": [{"email": row[2], "name": row[3]}],
        "substitutions": {
            "-pm.greeting_html-": f"Dear {row[3]},",
            "-pm.greeting_text-": f"Dear {row[3]},",
            "-pm.why_html-": "You get this because you follow Training.",
            "-pm.why_text-": "You get this because you follow Training.",
            "-pm.leave-": leave,
            "-pm.preferences-": preferences,
        },
        "headers": {
            "List-Id": "<letter.example.org>",
            "List-Unsubscribe": f"<https://letter.example.org/unsubscribe/{leave}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
        "custom_args": {"pm_d": str(row[0]), "pm_r": "a-request"},
    }


def _post(wire: socket.socket, body: bytes) -> None:
    head = f"POST /v3/mail/send HTTP/1.1\r\nHost: sink\r\nContent-Length: {len(body)}\r\n\r\n"
    wire.sendall(head.encode() + body)
    if not wire.recv(65536).startswith(b"HTTP/1.1 202"):
        raise RuntimeError("the sink did not accept")
