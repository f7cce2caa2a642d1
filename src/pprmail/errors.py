"""The one tree of errors: each names the place, says what is wrong, and what to do next."""


class PprmailError(Exception):
    """Something a person can mend: read the remedy, do that, and run the command again."""

    exit_status = 1

    def __init__(self, message: str, *, where: str = "", remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.remedy = remedy

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        advice = f" ({self.remedy})" if self.remedy else ""
        return f"{place}{self.message}{advice}"


class ConfigError(PprmailError):
    """The configuration can't be used as it is: mend the key that is named."""


class SourceError(PprmailError):
    """An input file can't be read as what it claims to be: mend the place that is named."""


class OutputError(PprmailError):
    """A file can't be written: check the disk and this user's rights; nothing was half written."""


class StorageError(PprmailError):
    """The database can't be used as it is: do as the remedy says; nothing was changed."""


class DatabaseGoneError(PprmailError):
    """The database file was deleted or replaced while it was open: put it back, or start anew."""


UNAVAILABLE = (StorageError, DatabaseGoneError)
"""What keeps the rows from being read or written just now; pages and the provider try again later."""


class NotFoundError(PprmailError):
    """What was asked for is not there: look at the matching `list` command."""


class StateError(PprmailError):
    """The issue is not in a state that allows this: `pprmail issue status` shows where it stands."""


class StaleError(PprmailError):
    """Somebody else changed it meanwhile: look at both texts, and save again what is to stand."""

    def __init__(self, message: str, *, present: str) -> None:
        super().__init__(message, remedy="look at both texts, and save again what is to stand")
        self.present = present


class BeingCountedError(PprmailError):
    """Figures that a page needs are still being counted: look again in a moment."""


class ApprovalError(PprmailError):
    """There is no valid approval: look at what changed and approve again."""


class GuardError(PprmailError):
    """A safety catch is on: nothing was planned and nothing was sent."""


class PromiseError(PprmailError):
    """A promise was broken on the torture bench: play the run again, and mend what it shows."""


class DoubtError(PprmailError):
    """Work ended with requests whose outcome is not known: settle them with `issue resolve`."""

    exit_status = 3
