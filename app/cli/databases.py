"""The database as commands need it: at hand, or one sentence about why not."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError

from app.cli.errors import CommandError
from app.main import ready_store
from app.settings import Settings
from app.store.engine import SqlStore
from app.store.migrate import SchemaBehindError


@contextmanager
def database_needed() -> Iterator[None]:
    """CommandError when the database does not answer or does not fit."""
    try:
        yield
    except SchemaBehindError as error:
        raise CommandError(str(error)) from None
    except (OSError, SQLAlchemyError) as error:
        first, *_ = str(error).splitlines()
        raise CommandError(f"The database cannot be used: {first}.") from None


async def open_store(settings: Settings) -> SqlStore:
    """The store with its schema in place; CommandError when it cannot be used."""
    with database_needed():
        return await ready_store(settings)


async def need_database(settings: Settings) -> None:
    """CommandError unless the database is at hand, before anything long is started."""
    store = await open_store(settings)
    await store.close()
