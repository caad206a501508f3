"""`faregate schema`: print the SDL, check that the committed one is current, compare it with an earlier one."""

import argparse
import subprocess
from pathlib import Path

from graphql import GraphQLSchema, build_schema
from graphql.utilities import find_breaking_changes, find_dangerous_changes

from app.cli.arguments import Commands
from app.cli.errors import CommandError
from schema import sdl

COMMITTED = Path("schema.graphql")


def add(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser("schema", help="print the GraphQL schema, or check it")
    parser.add_argument("--check", action="store_true", help="fail if schema.graphql is stale")
    parser.add_argument("--against", metavar="GIT_REF", help="fail on changes that break clients of that version")
    parser.set_defaults(run=_schema)


def _schema(arguments: argparse.Namespace) -> int:
    if arguments.check:
        return _check()
    if arguments.against:
        return _compare(arguments.against)
    print(sdl(), end="")
    return 0


def _check() -> int:
    if not COMMITTED.exists() or COMMITTED.read_text() != sdl():
        raise CommandError("schema.graphql is stale; write it anew with `make schema` and commit it.")
    return 0


def _compare(ref: str) -> int:
    old, new = _schema_at(ref), build_schema(sdl())
    breaking = find_breaking_changes(old, new)
    lines = [f"dangerous: {change.description}" for change in find_dangerous_changes(old, new)]
    print("\n".join([*lines, *(f"breaking: {change.description}" for change in breaking)]))
    return 1 if breaking else 0


def _schema_at(ref: str) -> GraphQLSchema:
    command = ["git", "show", f"{ref}:{COMMITTED}"]
    shown = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - git, no shell
    if shown.returncode != 0:
        raise CommandError(f"git has no {COMMITTED} at {ref!r}.")
    return build_schema(shown.stdout)
