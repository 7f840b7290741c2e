"""What all requests of one process share, and how routes take hold of it."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, cast

from fastapi import Depends, Request

from assaybook.api.shared import Shared
from assaybook.domain.record import record
from assaybook.domain.trust import Trust
from assaybook.service.bundles import BundleFiles, Ruling, read_ruling
from assaybook.service.ledger import LogSigner, record_keys, sign_log, unlike_none_signed
from assaybook.service.ledger_keys import read_keys_root, read_signer
from assaybook.service.oidc import Issuers, read_issuers
from assaybook.service.packs import can_sign
from assaybook.service.people import read_trust
from assaybook.service.store_access import Tell, reading_here, ready, store_opened
from assaybook.service.worker import Worker
from assaybook.service.writer import Writer
from assaybook.settings import Settings
from assaybook.store.engine import Database
from assaybook.store.unit_of_work import Clock, Reading, UnitOfWork


@record
class Service:
    """What all requests of one process share.

    Attributes:
        engine: the one pool of connections.
        ruling: what the server judges by, read once at the start.
        trust: the persons whose signatures count.
        writer: the thread that writes for all; ``await service.writer.run(function)``.
        worker: the thread that sees packs and long assessments done.
        shared: what it has in common with the other processes that serve the address.
        issuers: whose tokens of CI systems are known; None where nobody's are.
        signer: signs the state of the log; None where the server has no keys of it.
    """

    engine: Database
    settings: Settings
    clock: Clock
    ruling: Ruling
    trust: Trust
    writer: Writer
    worker: Worker
    shared: Shared
    issuers: Issuers | None = None
    signer: LogSigner | None = None


@record
class Files:
    """What a server reads once, at its start.

    Attributes:
        ruling: what it judges by.
        trust: the persons whose signatures count.
        issuers: whose tokens of CI systems are known; None where nobody's are.
    """

    ruling: Ruling
    trust: Trust
    issuers: Issuers | None


def read_files(settings: Settings) -> Files:
    """Read what the settings name.

    Raises:
        AssayError: a file cannot be used.
    """
    files = BundleFiles(settings.policies, (), settings.overlays, settings.scope)
    return Files(
        read_ruling(files),
        read_trust(settings.trust) if settings.trust else Trust(),
        read_issuers(settings.oidc) if settings.oidc else None,
    )


@contextmanager
def store_ready(settings: Settings, clock: Clock, tell: Tell) -> Generator[Database]:
    """Open the database, made or refused, and see that the log holds the keys.

    Raises:
        AssayError: the database or the keys cannot be used.
    """
    with store_opened(settings.database) as engine:
        ready(engine, tell)
        if settings.keys:
            _see_keys(engine, settings.keys, clock)
            if not can_sign():
                tell("packs cannot be signed, so none is made: pip install 'assaybook[sign]'")
        yield engine


@contextmanager
def service_opened(
    settings: Settings, clock: Clock, files: Files, engine: Database, shared: Shared
) -> Generator[Service]:
    """Start what writes and works; at the end, write what was accepted and let go of it."""
    signer = LogSigner(settings.keys) if settings.keys else None
    many = shared.processes
    with (
        Writer(engine, clock, turn=shared.turn, processes=many) as writer,
        Worker(engine, writer, keys=settings.keys, cache=settings.cache) as worker,
    ):
        yield Service(
            engine=engine,
            settings=settings,
            clock=clock,
            ruling=files.ruling,
            trust=files.trust,
            writer=writer,
            worker=worker,
            shared=shared,
            issuers=files.issuers,
            signer=signer,
        )


def _see_keys(engine: Database, folder: Path, clock: Clock) -> None:
    """See that the log is the one that the keys signed, and that it holds each version of them.

    A backup that lacks entries is refused before anything is written behind it: from there on
    two logs would have the same beginning and the same name. What is there now is signed, so that
    the next start notices where it is lacking.
    """
    read_signer(folder, root := read_keys_root(folder), "checkpoint", clock())
    with reading_here(engine) as open_reading:
        unlike_none_signed(open_reading, folder)
    with UnitOfWork(engine, clock) as work:
        record_keys(work, root, person="operator", reason="keys of the server")
    with reading_here(engine) as open_reading:
        sign_log(open_reading, folder, clock())


@contextmanager
def reading(service: Service) -> Generator[Reading]:
    """Open a transaction that only reads; for routes that are plain functions.

    Raises:
        OperatorError: the database cannot be used, or its tables changed under this process.
    """
    with reading_here(service.engine) as open_reading:
        yield open_reading


def service_of(request: Request) -> Service:
    """Return the service that a request is made to."""
    return cast("Service", request.app.state.service)


async def _service_of(request: Request) -> Service:
    # A coroutine, because a plain function would be sent to a thread for every request.
    return service_of(request)


ServiceHere = Annotated[Service, Depends(_service_of)]
"""The service, as a parameter of a route."""
