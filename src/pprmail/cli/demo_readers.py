"""The fictional readers of the demo: drawn by a fixed seed, so that every demo is the same."""

import csv
from io import StringIO
from random import Random
from typing import Final

from pprmail.model.topic import Topics

FIRST: Final = (
    "Ada Amir Anouk Beatriz Benoît Chidi Clara Daniel Dorothée Elif Emeka Esther Farid Greta Hana "
    "Idris Ingrid Jamal Joséphine Kaito Lena Lucía Malik Marguerite Mei Nadia Noah Olga Priya "
    "Quentin Rosa Samir Sofia Tariq Ulrike Victor Wanda Xavier Yara Zoë"
).split()
LAST: Final = (
    "Abara Bergeron Castellano Dubois Eriksen Fontaine Gagnon Haddad Ivanova Jansen Kowalski Lavoie "
    "Moreau Nakamura Okafor Petit Quiroga Rossi Schneider Tremblay Ueda Vasquez Whitfield Xu Yilmaz "
    "Zhang"
).split()
MISHAPS: Final = ("bounce", "blocked", "complaint", "defer")
"""How an address begins for which the sandbox reports a mishap."""


def fictional_readers(count: int, topics: Topics) -> str:
    """Write a list of readers as CSV: most follow some topics, some everything, a few mishaps."""
    draw = Random(2026)  # noqa: S311 - a demo's readers are no secret
    written = StringIO()
    rows = csv.writer(written, lineterminator="\n")
    rows.writerow(["email", "name", "topics", "no_match", "status", "consent_source", "consent_at"])
    names = [topic.name for topic in topics.choosable]
    for number in range(1, count + 1):
        first, last = draw.choice(FIRST), draw.choice(LAST)
        mishap = draw.choice(MISHAPS) + "." if number % 25 == 0 else ""
        chosen = [] if number % 10 == 0 else draw.sample(names, draw.randint(1, 6))
        no_match = draw.choice(["note", "note", "all", "skip"])
        rows.writerow(
            [
                f"{mishap}reader{number}@example.org",
                f"{first} {last}" if number % 4 else "",
                ";".join(chosen),
                no_match,
                "active",
                "signed up at the network's conference (fictional)",
                "2026-03-14",
            ]
        )
    return written.getvalue()
