"""Where the files lie that come with pprmail: in the installed package, or in a checkout."""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def shipped(name: str) -> Path:
    """Give the place of a shipped file or folder: templates, summaries, config.example.toml."""
    installed = _PACKAGE / "_shipped" / name
    return installed if installed.exists() else _PACKAGE.parents[1] / name
