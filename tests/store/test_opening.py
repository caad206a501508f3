"""A new file on SQLite, opened by several at the same moment."""

import sqlite3

import pytest

from app.store.engine import open_engine


@pytest.fixture
def busy(tmp_path):
    """A file that somebody else has to itself; and its address."""
    path = tmp_path / "faregate.sqlite3"
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    yield other, f"sqlite+aiosqlite:///{path}?timeout=0"
    other.close()


async def mode_of(url):
    engine = open_engine(url, 1)
    try:
        async with engine.connect() as connection:
            return (await connection.exec_driver_sql("PRAGMA journal_mode")).scalar_one()
    finally:
        await engine.dispose()


async def test_whoever_has_it_is_waited_for(busy, monkeypatch):
    other, url = busy
    waited = []

    def wait(seconds):
        waited.append(seconds)
        if len(waited) == 2:
            other.execute("COMMIT")

    monkeypatch.setattr("app.store.engine.time.sleep", wait)
    assert await mode_of(url) == "wal"
    assert waited == [0.01, 0.02]


async def test_but_not_for_ever(busy, monkeypatch):
    monkeypatch.setattr("app.store.engine.time.sleep", lambda _seconds: None)
    with pytest.raises(Exception, match="database is locked"):
        await mode_of(busy[1])
