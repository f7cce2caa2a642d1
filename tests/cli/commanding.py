"""Running commands in this process, as whoever types them would."""

import json
from typing import Any

from typer.testing import CliRunner, Result

from pprmail.cli import cli


def run(*command: str) -> Result:
    """Run a command, however it ends."""
    return CliRunner().invoke(cli, list(command))


def ok(*command: str) -> str:
    """Run a command that must succeed; give what it printed."""
    result = run(*command)
    assert result.exit_code == 0, (command, result.output, result.exception)
    return result.stdout


def document(*command: str) -> Any:
    """Run a command that prints for programs; give what it printed."""
    return json.loads(ok(*command, "--json"))
