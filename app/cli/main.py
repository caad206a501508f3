"""The command line: `faregate <command>`."""

import argparse
import sys
from collections.abc import Callable, Sequence

from app.cli import endpoints, migrating, partners, schemas, serving
from app.cli.demo import command as demo
from app.cli.errors import CommandError
from app.settings import SettingsError
from app.signing.errors import KeyTrouble

Command = Callable[[argparse.Namespace], int]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; its exit status. What the user can correct is one sentence, never a stack trace."""
    arguments = _parser().parse_args(argv)
    command: Command = arguments.run
    try:
        return command(arguments)
    except (SettingsError, KeyTrouble, CommandError) as error:
        print(f"faregate: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    about = "A self-hosted GraphQL booking gateway for flights and tours."
    parser = argparse.ArgumentParser(prog="faregate", description=about)
    commands = parser.add_subparsers(required=True, metavar="command")
    for add in (serving.add, migrating.add, schemas.add, demo.add):
        add(commands)
    partners.add(commands, endpoints.add)
    return parser


if __name__ == "__main__":
    sys.exit(main())
