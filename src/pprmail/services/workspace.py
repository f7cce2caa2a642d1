"""Making a workspace: the folder that holds one newsletter's configuration, texts and rows."""

import json
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pprmail.errors import OutputError
from pprmail.files import write_whole
from pprmail.model.month import Month
from pprmail.shipped import shipped

CONFIG: Final = "config.toml"
FOLDERS: Final = ("summaries", "subscribers")
Value = str | int | list[str]


def make_workspace(
    folder: Path, first_month: Month, settings: Mapping[tuple[str, str], Value]
) -> Path:
    """Make a workspace with a fresh secret key; one that is there already is left alone."""
    config = folder / CONFIG
    if config.exists():
        raise OutputError(
            "there is a workspace already", where=str(config), remedy="name another folder"
        )
    fresh: dict[tuple[str, str], Value] = {
        ("web", "secret_key"): secrets.token_urlsafe(48),
        ("schedule", "first_month"): first_month,
    }
    text = shipped("config.example.toml").read_text(encoding="utf-8")
    for (section, key), value in {**fresh, **settings}.items():
        text = _set(text, section, key, value)
    for name in FOLDERS:
        _make(folder / name)
    return write_whole(config, text, mode=0o600)


def _set(text: str, section: str, key: str, value: Value) -> str:
    """Set a key of the example, and leave its comment where it is."""
    before, header, rest = text.partition(f"[{section}]\n")
    line = re.compile(rf'^{key} = ("[^"]*"|\[\]|[\d.]+)', re.MULTILINE)
    return before + header + line.sub(lambda _: f"{key} = {json.dumps(value)}", rest, count=1)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"the folder can't be made: {error.strerror}",
            where=str(folder),
            remedy="choose a place where this user may write",
        ) from error
