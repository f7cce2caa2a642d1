"""Writing a file: it is there with all of its bytes, or it is as it was before."""

import os
import tempfile
from pathlib import Path

from pprmail.errors import OutputError


def write_whole(path: Path, data: bytes | str, *, mode: int = 0o644) -> Path:
    """Write a file under another name first, so that a crash or a full disk leaves no half of it."""
    content = data.encode() if isinstance(data, str) else data
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_beside(path, content, mode)
    except OSError as error:
        raise OutputError(
            f"can't be written: {error.strerror}",
            where=str(path),
            remedy="check the disk and this user's rights, then run the command again",
        ) from error
    return path


def _write_beside(path: Path, content: bytes, mode: int) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).chmod(mode)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
