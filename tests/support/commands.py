"""The commands that the program has, and their options, as it lists them itself."""

from typing import Any

import typer.main

from cardstatus.cli.app import app

GROUP: Any = typer.main.get_command(app)
COMMANDS: list[str] = GROUP.list_commands(None)


def options_of(command: str) -> list[Any]:
    """The options of a command, as Typer has them."""
    parameters = GROUP.get_command(None, command).params
    return [one for one in parameters if one.param_type_name == "option"]
