"""The least that a Typer program with one option can do: what any command line of ours costs."""

from typing import Annotated

import typer


def main(name: Annotated[str, typer.Option("--name")]) -> None:
    typer.echo(f"Hello {name}")


if __name__ == "__main__":
    typer.run(main)
