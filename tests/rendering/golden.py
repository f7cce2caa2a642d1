"""Golden files: every email as it looked when somebody last looked at it.

`make golden` writes them anew. Whoever does so has looked at `make letters` first.
"""

from pathlib import Path

from rendering.specimens import specimens

FOLDER = Path(__file__).parent / "golden"


def files() -> dict[str, str]:
    """Give what the golden files should hold now, by name."""
    made = {}
    for name, mail in specimens().items():
        stem = name.replace(" ", "-")
        made[f"{stem}.html"] = mail.html
        made[f"{stem}.txt"] = f"Subject: {mail.subject}\n\n{mail.text}"
    return made


def main() -> None:
    """Write them, and remove those of emails that are no more."""
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.iterdir():
        old.unlink()
    for name, text in files().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
