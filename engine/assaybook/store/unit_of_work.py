"""Transactions: the one place that commits.

One user action is one unit of work: all of it is recorded, or nothing. Writers take turns, on both
databases, and each has an instant of its own that is later than every recorded one. So whatever is
recorded after an assessment was received after it too, and the assessment can be repeated.
"""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from types import TracebackType
from typing import Final, Self

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from assaybook.domain.errors import OperatorError
from assaybook.domain.ids import written
from assaybook.store.engine import READS, is_sqlite
from assaybook.store.faults import place_of, spoken_fault
from assaybook.store.journal import Entry, Journal, last_place

Clock = Callable[[], datetime]
_TICK: Final = timedelta(microseconds=1)
_SKEW: Final = timedelta(seconds=300)


class Reading:
    """A transaction that only reads; it sees the store as it was when it began.

    Attributes:
        connection: the open connection, for the modules of the store.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._open: Connection | None = None

    @property
    def connection(self) -> Connection:
        """Return the open connection.

        Raises:
            RuntimeError: outside of ``with``.
        """
        if self._open is None:
            message = "the transaction is not open"
            raise RuntimeError(message)
        return self._open

    def __enter__(self) -> Self:
        """Begin.

        Raises:
            OperatorError: the database cannot be used; the code says why.
        """
        with _spoken(self._engine):
            self._open = self._connected()
            try:
                self._open.begin()
                self._begun()
            except BaseException:  # whatever it was, the connection goes back and the error goes on
                self._close()
                raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End; an error of the database is raised as one of ours."""
        del kind, trace
        try:
            if isinstance(error, SQLAlchemyError):
                raise spoken_fault(error, self._engine.url) from error
            if error is None:
                with _spoken(self._engine):
                    self._succeed()
        finally:
            self._close()

    def _connected(self) -> Connection:
        options: dict[str, object] = {READS: True}
        if not is_sqlite(self._engine):
            options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        return self._engine.connect().execution_options(**options)

    def _begun(self) -> None:
        """Do what a beginning needs."""

    def _succeed(self) -> None:
        """Do what a good end needs: reading leaves nothing to keep."""

    def _close(self) -> None:
        # What was not committed is rolled back by closing.
        self.connection.close()
        self._open = None


class PartLostError(OperatorError):
    """A part could not be undone alone, so the whole unit of work is lost with it."""


class UnitOfWork(Reading):
    """A transaction that writes: committed at the end of ``with``, rolled back on any error.

    Attributes:
        now: the instant of this unit of work, later than every recorded one.
        known: releases of which this unit of work has seen that they are registered.
    """

    def __init__(self, engine: Engine, clock: Clock) -> None:
        super().__init__(engine)
        self._clock = clock
        self._journal: Journal | None = None
        self.known: set[tuple[str, str]] = set()

    @property
    def now(self) -> datetime:
        """Return the instant of everything that this unit of work records."""
        return self._written.now

    def record(self, entries: Sequence[Entry]) -> tuple[int, ...]:
        """Append entries to the journal and return their places in it."""
        return self._written.append(self.connection, entries)

    @contextmanager
    def part(self) -> Generator[None]:
        """Open a part that is undone alone where it fails; the error goes on.

        Raises:
            PartLostError: the database undid more than the part, or is not there any more.
            OperatorError: for an error of the database in the part.
        """
        last = self._written.last
        try:
            savepoint = self.connection.begin_nested()
        except SQLAlchemyError as error:
            raise self._lost(error) from error
        try:
            yield
            savepoint.commit()
        except BaseException as error:  # whatever it was, the part is undone and the error goes on
            self._written.rewind(last)
            self.known.clear()  # what was seen may have been undone
            try:
                savepoint.rollback()
            except SQLAlchemyError:
                raise self._lost(error) from error
            if self.connection.invalidated:
                raise self._lost(error) from error
            if isinstance(error, SQLAlchemyError):
                raise spoken_fault(error, self._engine.url) from error
            raise

    def _lost(self, error: BaseException) -> PartLostError:
        fault = error
        if isinstance(error, SQLAlchemyError):
            fault = spoken_fault(error, self._engine.url)
        if isinstance(fault, OperatorError):
            return PartLostError(fault.code, fault.message, where=fault.where, hint=fault.hint)
        return PartLostError("database-failed", f"the database failed after: {error}")

    @property
    def _written(self) -> Journal:
        if self._journal is None:
            message = "the unit of work is not open"
            raise RuntimeError(message)
        return self._journal

    def _connected(self) -> Connection:
        return self._engine.connect()

    def _begun(self) -> None:
        seq, at = last_place(self.connection)
        # The clock is read while the write lock is held, and never runs backwards here.
        now = self._clock()
        if at is None:
            self._journal = Journal(now, 0)
            return
        if at - now > _SKEW:
            raise OperatorError(
                "clock-behind",
                f"the clock says {written(now)}, but the last record is of {written(at)}",
                where=place_of(self._engine.url),
                hint="Mend the clock of this machine; 300 seconds of skew are allowed. If it is"
                " right, one was ahead when that was recorded: until then only reading goes on.",
            )
        self._journal = Journal(max(now, at + _TICK), seq)

    def _succeed(self) -> None:
        self.connection.commit()


@contextmanager
def changing_schema(engine: Engine) -> Generator[Connection]:
    """Open the transaction in which the tables themselves are changed, and commit it.

    Raises:
        OperatorError: the database cannot be used; the code says why.
    """
    with _spoken(engine), engine.connect() as connection:
        connection.begin()
        yield connection
        connection.commit()


@contextmanager
def _spoken(engine: Engine) -> Generator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        raise spoken_fault(error, engine.url) from error
