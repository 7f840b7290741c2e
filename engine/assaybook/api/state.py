"""What all requests of one process share, and how routes take hold of it."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, cast

from fastapi import Depends, Request

from assaybook.domain.record import record
from assaybook.domain.trust import Trust
from assaybook.service.bundles import BundleFiles, Ruling, read_ruling
from assaybook.service.ledger import LogSigner, record_keys
from assaybook.service.ledger_keys import read_keys_root, read_signer
from assaybook.service.oidc import Issuers, read_issuers
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
    issuers: Issuers | None = None
    signer: LogSigner | None = None


@contextmanager
def service_opened(settings: Settings, clock: Clock, tell: Tell) -> Generator[Service]:
    """Open all that a server needs; at the end, write what was accepted and let go of it.

    Raises:
        AssayError: the database, or a file that the settings name, cannot be used.
    """
    files = BundleFiles(settings.policies, (), settings.overlays, settings.scope)
    ruling = read_ruling(files)
    trust = read_trust(settings.trust) if settings.trust else Trust()
    issuers = read_issuers(settings.oidc) if settings.oidc else None
    with store_opened(settings.database) as engine:
        ready(engine, tell)
        signer = _signer(engine, settings.keys, clock) if settings.keys else None
        with (
            Writer(engine, clock) as writer,
            Worker(engine, writer, keys=settings.keys, cache=settings.cache) as worker,
        ):
            yield Service(engine, settings, clock, ruling, trust, writer, worker, issuers, signer)


def _signer(engine: Database, folder: Path, clock: Clock) -> LogSigner:
    """See that the keys of the log can be used, and that the log holds each version of them."""
    read_signer(folder, root := read_keys_root(folder), "checkpoint", clock())
    with UnitOfWork(engine, clock) as work:
        record_keys(work, root, person="operator", reason="keys of the server")
    return LogSigner(folder)


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
