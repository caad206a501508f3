"""`faregate migrate`: bring the database's schema up to date."""

import argparse
import asyncio

from app.cli.arguments import Commands
from app.cli.databases import database_needed
from app.settings import load_settings
from app.store.migrate import migrate


def add(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser("migrate", help="apply the database migrations")
    parser.set_defaults(run=_migrate)


def _migrate(_arguments: argparse.Namespace) -> int:
    url = load_settings().database_url.get_secret_value()
    with database_needed():
        asyncio.run(migrate(url))
    print("The database schema is up to date.")
    return 0
