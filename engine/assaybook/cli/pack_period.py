"""The period of a pack, as ``assay pack build`` is asked for it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from assaybook.cli.options import instant_of
from assaybook.domain.errors import UsageError
from assaybook.domain.ids import written
from assaybook.settings import now

if TYPE_CHECKING:
    from assaybook.domain.period import Period
    from assaybook.service.judge import Judgement

Since = Annotated[
    str | None,
    typer.Option("--from", metavar="D", help="First day of a period (UTC), or an instant."),
]
Until = Annotated[
    str | None,
    typer.Option("--to", metavar="D", help="Last day of the period (UTC), whole, or an instant."),
]


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when; the end is the instant that the pack is as of."""

    since: datetime
    until: datetime


def span_of(since: str | None, until: str | None, as_of: str | None) -> Span | None:
    """Return the period that options name; None where they name none.

    Raises:
        UsageError: ``period-half``, one end is missing, or an instant is named beside it;
            ``instant-invalid``; ``as-of-in-the-future``, it has not ended.
    """
    if since is None and until is None:
        return None
    if since is None or until is None or as_of is not None:
        raise UsageError(
            "period-half",
            "a period has both ends, and its pack is as of the later one",
            where="--from",
            hint="Give --from and --to, and leave out --as-of.",
        )
    span = ends_of(since, until)
    if span.until > (present := now().replace(microsecond=0)):
        raise UsageError(
            "as-of-in-the-future",
            f"the period ends at {written(span.until)}, and until then more may be received",
            where="--to",
            hint=f"Write --to {present.date() - timedelta(days=1)}, or --to {written(present)}.",
        )
    return span


def ends_of(since: str, until: str) -> Span:
    """Return the ends that ``--from`` and ``--to`` give: days are whole ones of UTC.

    Raises:
        UsageError: ``instant-invalid``.
    """
    return Span(_end(since, "--from", timedelta()), _end(until, "--to", timedelta(days=1)))


def _end(text: str, option: str, more: timedelta) -> datetime:
    """Return the instant that an option gives; of a day, its beginning and so much more."""
    if not _is_day(text):
        return instant_of(text, option)
    try:
        return instant_of(f"{text}T00:00:00Z", option) + more
    except OverflowError as error:
        raise UsageError(
            "instant-invalid", "the last day of the calendar has no end", where=option
        ) from error


def _is_day(text: str) -> bool:
    """Tell whether a text is a day of the calendar, in the one way in which days are written."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def judged_period(judgement: "Judgement", span: Span | None, database: str) -> "Period | None":
    """Return how the release of a judgement stood over a period, by the same bundle.

    Raises:
        UsageError: ``period-empty`` or ``period-too-long``.
    """
    if span is None:
        return None
    from assaybook.service.bundles import Ruling
    from assaybook.service.period import judge_period
    from assaybook.service.store_access import reading

    subject = judgement.subject
    with reading(database) as store:
        return judge_period(
            store,
            subject.system.id,
            subject.release.version,
            Ruling(judgement.bundle, judgement.catalogs),
            since=span.since,
            until=span.until,
            fail_on=judgement.inputs.fail_on,
        )
