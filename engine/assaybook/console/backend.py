"""What the console is given: the opened service of the process that serves it."""

from collections.abc import Awaitable, Generator, Mapping
from contextlib import contextmanager
from typing import Protocol, cast

from starlette.requests import Request

from assaybook.domain.errors import AssayError
from assaybook.domain.principal import Principal
from assaybook.domain.trust import Trust
from assaybook.service.bundles import Ruling
from assaybook.service.ledger import LogSigner
from assaybook.service.store_access import reading_here
from assaybook.service.submit_documents import Sent, Submitted
from assaybook.service.writer import Writer
from assaybook.settings import Settings
from assaybook.store.engine import Database
from assaybook.store.unit_of_work import Clock, Reading


class Uploaded(Protocol):
    """What a form with files holds: documents, what stands beside them, and its other fields."""

    @property
    def documents(self) -> tuple[Sent, ...]:
        """Return the files that were chosen, with their names."""
        ...

    @property
    def manifest(self) -> bytes | None:
        """Return the file that says of the others what they do not say themselves."""
        ...

    @property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """Return the other fields, in order."""
        ...


class Backend(Protocol):
    """What pages are made from; whoever mounts the console has it."""

    @property
    def engine(self) -> Database:
        """Return the pool of connections that requests share."""
        ...

    @property
    def settings(self) -> Settings:
        """Return what the operator chose."""
        ...

    @property
    def clock(self) -> Clock:
        """Return what the time is."""
        ...

    @property
    def ruling(self) -> Ruling:
        """Return what the server judges by."""
        ...

    @property
    def trust(self) -> Trust:
        """Return the persons whose signatures count."""
        ...

    @property
    def writer(self) -> Writer:
        """Return the thread that writes for all."""
        ...

    @property
    def signer(self) -> LogSigner | None:
        """Return what signs the state of the log; None where the server has no keys of it."""
        ...

    def who(self, secret: str, /) -> Awaitable[Principal]:
        """Return who asks with a secret, as everywhere in the service.

        Raises:
            UsageError: ``not-authenticated``.
            OperatorError: who it is cannot be found out now.
        """
        ...

    def take_turn(self, principal: str, /) -> None:
        """Count a request of a principal, by its id.

        Raises:
            UsageError: ``rate-limited``, it may send no more now.
        """
        ...

    def refused(self, error: AssayError, request_id: str, /) -> tuple[int, Mapping[str, str]]:
        """Return status and headers of an error, and tell the operator what is theirs to mend."""
        ...

    def documents(self, request: Request, fields: frozenset[str], /) -> Awaitable[Uploaded]:
        """Return the files and fields of a form, within the limits of all that is sent.

        Raises:
            UsageError: what was sent cannot be read, or is no form with files.
        """
        ...

    def submitted(self, done: Submitted, /) -> None:
        """Count the documents of a submission by what became of them."""
        ...


def backend_of(request: Request) -> Backend:
    """Return what a request's page is made from."""
    return cast("Backend", request.app.state.backend)


def principal_of(request: Request) -> Principal:
    """Return who asks for a page; its route has made sure of that."""
    return cast("Principal", request.state.principal)


@contextmanager
def reading(request: Request) -> Generator[Reading]:
    """Open a transaction that only reads.

    Raises:
        OperatorError: the database cannot be used, or its tables changed under this process.
    """
    with reading_here(backend_of(request).engine) as open_reading:
        yield open_reading
