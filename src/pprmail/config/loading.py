"""Reading the configuration, and saying in words what is wrong with it."""

import json
import os
import tomllib
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, get_origin

from pydantic import ValidationError
from pydantic_settings import SettingsError

from pprmail.config.settings import ENVIRONMENT, Section, Settings
from pprmail.errors import ConfigError

NOT_SETTINGS: Final = frozenset({"PPRMAIL_CONFIG", "PPRMAIL_CHROMIUM", "PPRMAIL_TEST_PG_URL"})


def load(path: Path) -> Settings:
    """Read the configuration; whatever is wrong with it is one error that names the key."""
    _refuse_unknown_variables(os.environ)
    tables = _tables(path)
    try:
        settings = Settings(**tables)
    except ValidationError as error:
        raise ConfigError(_in_words(error), where=str(path)) from None
    except SettingsError:
        raise ConfigError(
            "this is not a list in JSON",
            where=f"environment variable {_not_json(os.environ)}",
            remedy='write it as ["one", "another"]',
        ) from None
    settings._root = path.resolve().parent  # noqa: SLF001 - only the loader knows where the file is
    return settings


def _tables(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(
            "there is no such configuration",
            where=str(path),
            remedy="make a workspace with “pprmail init DIR”, or name the file with --config",
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"this is not TOML: {error}", where=str(path)) from None
    except OSError as error:
        raise ConfigError(f"can't be read: {error.strerror}", where=str(path)) from None


def _refuse_unknown_variables(names: Iterable[str]) -> None:
    known = {f"{ENVIRONMENT}{s}__{k}".upper() for s, k in every_key()}
    for name in sorted(names):
        # A variable is found in whatever case it is written, so that none may pass in small letters.
        spelled = name.upper()
        if spelled.startswith(ENVIRONMENT) and spelled not in known | NOT_SETTINGS:
            meant = get_close_matches(spelled, known, n=1)
            raise ConfigError(
                "no setting has this name",
                where=f"environment variable {name}",
                remedy=f"did you mean {meant[0]}?" if meant else "remove it",
            )


def _not_json(variables: Mapping[str, str]) -> str:
    return ", ".join(name for name in sorted(variables) if _is_broken(name, variables[name]))


def _is_broken(name: str, value: str) -> bool:
    section, _, key = name.lower().removeprefix(ENVIRONMENT.lower()).partition("__")
    if (section, key) not in every_key() or get_origin(_kind(section, key)) is not list:
        return False
    try:
        json.loads(value)
    except ValueError:
        return True
    return False


def _kind(section: str, key: str) -> Any:
    fields: Any = Settings.model_fields[section].annotation
    return fields.model_fields[key].annotation


def every_key() -> list[tuple[str, str]]:
    """List every (section, key) that can be set."""
    return [
        (section, key)
        for section, field in Settings.model_fields.items()
        for key in _section(field.annotation)
    ]


def _section(kind: Any) -> Iterable[str]:
    return kind.model_fields if isinstance(kind, type) and issubclass(kind, Section) else ()


def _in_words(error: ValidationError) -> str:
    return "; ".join(_one_in_words(dict(problem)) for problem in error.errors())


def _one_in_words(problem: dict[str, Any]) -> str:
    place = [str(part) for part in problem["loc"]]
    if problem["type"] == "extra_forbidden":
        return f"{_key(place)} is not a setting{_meant(place)}"
    message = str(problem["msg"]).removeprefix("Value error, ")
    return f"{_key(place)}{_origin(place)}: {message}" if place else message


def _origin(place: list[str]) -> str:
    # A variable wins over the file, where its value would be looked for in vain.
    name = f"{ENVIRONMENT}{'__'.join(place[:2])}".upper()
    is_set = name in {each.upper() for each in os.environ}
    return f", from the environment variable {name}" if is_set else ""


def _key(place: list[str]) -> str:
    return f"[{place[0]}] {'.'.join(place[1:])}".strip()


def _meant(place: list[str]) -> str:
    siblings = [k for s, k in every_key() if s == place[0]] if len(place) > 1 else []
    known = siblings or list(Settings.model_fields)
    close = get_close_matches(place[-1], known, n=1)
    return f"; did you mean {close[0]}?" if close else ""
