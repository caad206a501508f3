"""`faregate demo`: the whole story over real HTTP, told step by step."""

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path

from app.cli.arguments import Commands
from app.cli.demo.browser import BrowserError
from app.cli.demo.stage import DemoError, stage
from app.cli.demo.story import tell


def add(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser("demo", help="tell the whole story, and keep its tickets in ./demo")
    parser.add_argument("--tickets", type=Path, default=Path("demo"))
    parser.set_defaults(run=_demo)


def _demo(arguments: argparse.Namespace) -> int:
    started = time.monotonic()
    _empty(arguments.tickets)
    try:
        asyncio.run(_told(arguments.tickets))
    except (BrowserError, DemoError) as error:
        print(f"\nThe demo failed. {error}", file=sys.stderr)
        return 1
    took = f"{time.monotonic() - started:.0f} seconds"
    print(f"\nAll of it happened, in {took}. Tickets and all else it kept are in {arguments.tickets}/.")
    return 0


async def _told(tickets: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="faregate-demo-") as folder:
        print("Starting a sandbox, of airlines, tour operators and a payment provider, and a gateway beside it ...")
        async with stage(Path(folder)) as running:
            await tell(running, tickets)


def _empty(folder: Path) -> None:
    """A folder without what an earlier demo left."""
    folder.mkdir(parents=True, exist_ok=True)
    for kind in ("pdf", "png", "csv"):
        for old in folder.glob(f"*.{kind}"):
            old.unlink()
