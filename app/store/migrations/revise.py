"""Write the next revision from the difference between the revisions so far and app.store.tables.

`python -m app.store.migrations.revise "Seats of an item"` writes versions/0002_seats_of_an_item.py, to be read before
it is committed. Until the first release the one revision is written anew: delete it, then give its message again.
"""

import asyncio
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from alembic import command
from alembic.autogenerate.api import AutogenContext
from alembic.script import ScriptDirectory
from sqlalchemy import JSON, Connection
from sqlmodel import AutoString

from app.store.engine import open_engine
from app.store.migrate import config, migrate
from app.store.types import Constant, Instant

# Our own column types, as the plain ones they are stored as.
_PLAIN = {Instant: "sa.DateTime(timezone=True)", AutoString: "sa.String()", Constant: "sa.String()", JSON: "Json"}


def _render(_kind: str, item: object, _context: AutogenContext) -> str | bool:
    """The source of a column type; False leaves everything else to Alembic."""
    return _PLAIN.get(type(item), False)


def _write(connection: Connection, message: str) -> Path:
    settings = config(connection)
    settings.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    before = sum(1 for _ in ScriptDirectory.from_config(settings).walk_revisions())
    # SQLite alters tables by copying them; creating them needs no copy.
    settings.attributes["writing"] = {"render_item": _render, "render_as_batch": before > 0}
    script: Any = command.revision(settings, message, autogenerate=True, rev_id=f"{before + 1:04}")
    return Path(script.path)


async def revise(message: str) -> Path:
    """Compare the tables with an empty database that has every revision so far, and write what is missing."""
    with TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{Path(folder)}/empty.sqlite3"
        await migrate(url)
        engine = open_engine(url, connections=1)
        async with engine.connect() as connection:
            path = await connection.run_sync(_write, message)
        await engine.dispose()
    return path


def tidy(path: Path) -> None:
    """The file without Alembic's comments, in the house's format."""
    lines = [line for line in path.read_text().splitlines(keepends=True) if not line.strip().startswith("# ###")]
    path.write_text("".join(lines))
    subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", str(path)], check=True)  # noqa: S603 - our own file


if __name__ == "__main__":
    tidy(asyncio.run(revise(sys.argv[1])))
