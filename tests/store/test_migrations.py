"""Migrations go up and down on both databases and end in exactly the tables of app.store.tables."""

import asyncio
import shutil
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, insert, inspect

from app.store import migrate as migrations
from app.store.engine import open_engine
from app.store.migrate import MIGRATIONS, SchemaBehindError, check, downgrade, migrate
from app.store.tables import BookingRow, PartnerRow, Row

ROOT = Path(__file__).parents[2]


async def within(url, work):
    """The answer of a function of a plain connection, committed."""
    engine = open_engine(url, connections=1)
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()


def described(connection: Connection) -> dict[str, object]:
    """Everything the database knows about its tables, in one comparable value."""
    inspector = inspect(connection)
    facts = {}
    for table in sorted(set(inspector.get_table_names()) - {"alembic_version"}):
        facts[table] = {
            "columns": [(c["name"], str(c["type"]), c["nullable"], c["default"]) for c in inspector.get_columns(table)],
            "primary key": inspector.get_pk_constraint(table),
            "foreign keys": by_name(inspector.get_foreign_keys(table)),
            "unique": by_name(inspector.get_unique_constraints(table)),
            "checks": by_name(inspector.get_check_constraints(table)),
            "indexes": [printed(index) for index in by_name(inspector.get_indexes(table))],
        }
    return facts


def by_name(rows):
    return sorted(rows, key=lambda row: row["name"])


def printed(index):
    """A partial index's condition is an expression object on SQLite: compare what it says."""
    options = {key: str(value) for key, value in index.get("dialect_options", {}).items()}
    return {**index, "dialect_options": options}


async def tables_of(url):
    return set(await within(url, lambda connection: inspect(connection).get_table_names()))


async def test_up_down_and_up_again(empty_url):
    await migrate(empty_url)
    first = await within(empty_url, described)
    assert set(first) == set(Row.metadata.tables)

    await downgrade(empty_url)
    assert await tables_of(empty_url) <= {"alembic_version"}

    await migrate(empty_url)
    assert await within(empty_url, described) == first


async def test_the_migrated_database_is_the_tables(empty_url):
    await migrate(empty_url)
    migrated = await within(empty_url, described)
    await downgrade(empty_url)
    await within(empty_url, Row.metadata.create_all)
    assert migrated == await within(empty_url, described)


async def test_alembic_finds_no_difference(database_url):
    differences = await within(
        database_url, lambda connection: compare_metadata(MigrationContext.configure(connection), Row.metadata)
    )
    assert differences == []


@pytest.mark.parametrize(
    "damage",
    [
        "DROP INDEX ix_operation_changing",
        "CREATE INDEX ix_new ON booking (currency)",
        "ALTER TABLE booking ADD COLUMN extra VARCHAR",
        "ALTER TABLE booking ADD COLUMN extra INTEGER CONSTRAINT ck_extra CHECK (extra > 0)",
    ],
)
async def test_the_description_sees_every_kind_of_difference(database_url, damage):
    before = await within(database_url, described)
    await within(database_url, lambda connection: connection.exec_driver_sql(damage))
    assert await within(database_url, described) != before


async def test_the_description_covers_checks_and_partial_indexes(database_url):
    facts = await within(database_url, described)
    assert [row["name"] for row in facts["item"]["checks"]] == ["ck_item_state_known", "ck_item_ticketing_known"]
    changing = next(index for index in facts["operation"]["indexes"] if index["name"] == "ix_operation_changing")
    assert "STUCK" in str(changing["dialect_options"])


async def test_migrating_twice_changes_nothing(empty_url):
    await migrate(empty_url)
    await migrate(empty_url)
    await check(empty_url)


async def test_starting_at_once_migrates_once(empty_url):
    await asyncio.gather(*(migrate(empty_url) for _ in range(4)))
    await check(empty_url)


@pytest.mark.proof
async def test_a_migration_waits_for_the_one_under_way_on_postgresql(postgres):
    url = await postgres.create(migrated=False)
    engine = open_engine(url, connections=2)
    async with engine.connect() as watcher, engine.connect() as other:
        await other.exec_driver_sql(f"SELECT pg_advisory_xact_lock({migrations._ADVISORY_LOCK})")
        migration = asyncio.create_task(migrate(url))
        waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        while not (await watcher.exec_driver_sql(waiting)).scalar_one():
            assert not migration.done()
        await other.rollback()
        await migration
    await engine.dispose()
    await check(url)
    await postgres.drop(url)


async def test_a_table_others_refer_to_can_be_copied_on_sqlite(tmp_path):
    url = f"sqlite+aiosqlite:///{tmp_path}/faregate.sqlite3"
    await migrate(url)
    await within(url, one_booking)
    await migrations._locked(url, copy_partners)
    assert await within(url, lambda connection: connection.exec_driver_sql("SELECT id FROM partner").all()) == [("p",)]


async def test_a_migration_that_would_orphan_rows_is_undone_on_sqlite(tmp_path):
    url = f"sqlite+aiosqlite:///{tmp_path}/faregate.sqlite3"
    await migrate(url)
    await within(url, one_booking)
    with pytest.raises(RuntimeError, match="1 rows whose parents are gone"):
        await migrations._locked(url, lambda connection: connection.exec_driver_sql("DELETE FROM partner"))
    assert await within(url, lambda connection: connection.exec_driver_sql("SELECT id FROM partner").all()) == [("p",)]


def one_booking(connection):
    now = datetime(2026, 1, 1, tzinfo=UTC)
    connection.execute(insert(PartnerRow).values(id="p", name="P", terms={}, created_at=now))
    connection.execute(
        insert(BookingRow).values(
            id="b", partner_id="p", reference="R", state="NEW", currency="EUR", total_minor=1, version=1, created_at=now
        )
    )


def copy_partners(connection):
    with Operations(MigrationContext.configure(connection)).batch_alter_table("partner", recreate="always"):
        pass


@pytest.mark.proof
async def test_two_processes_starting_at_once(empty_url):
    code = f"import asyncio; from app.store.migrate import migrate; asyncio.run(migrate({empty_url!r}))"
    runs = [await asyncio.create_subprocess_exec(sys.executable, "-c", code, cwd=ROOT) for _ in range(2)]
    assert [await run.wait() for run in runs] == [0, 0]
    await check(empty_url)


async def test_an_empty_database_is_behind_and_says_what_to_do(empty_url):
    with pytest.raises(SchemaBehindError, match=r"at revision none.*faregate migrate"):
        await check(empty_url)


async def test_a_newer_database_is_not_mistaken_for_ours(database_url):
    await within(
        database_url, lambda connection: connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    )
    with pytest.raises(SchemaBehindError, match="at revision 9999"):
        await check(database_url)


async def test_a_failing_migration_leaves_everything_as_it_was(empty_url):
    await within(empty_url, lambda connection: connection.exec_driver_sql("CREATE TABLE ticket (id INTEGER)"))
    with pytest.raises(Exception, match=r"ticket.*already exists|already exists.*ticket"):
        await migrate(empty_url)
    assert await tables_of(empty_url) == {"ticket"}


def test_an_installed_package_carries_the_revisions(tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    shutil.copy(ROOT / "pyproject.toml", source)
    (source / "README.md").write_text("readme")
    shutil.copytree(ROOT / "app" / "store", source / "app" / "store")
    build = "import setuptools.build_meta as b, sys; b.build_wheel(sys.argv[1])"
    subprocess.run([sys.executable, "-c", build, str(tmp_path)], cwd=source, check=True, capture_output=True)
    names = set(zipfile.ZipFile(next(tmp_path.glob("*.whl"))).namelist())
    written = {f"app/store/migrations/{path.relative_to(MIGRATIONS)}" for path in MIGRATIONS.rglob("*.py")}
    assert written | {"app/store/migrations/script.py.mako"} <= names
