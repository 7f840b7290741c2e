"""Reasons and values as findings show them."""

from datetime import datetime, timedelta
from typing import Any, Final

from pydantic import JsonValue

from assaybook.domain.finding import ReasonShown
from assaybook.domain.ids import written
from assaybook.domain.reasons import Reason
from assaybook.domain.values import Bag, Conflict, Row, SizeRange, Unknown, Value

_DAY: Final = 86_400
_TWO_DAYS: Final = 2 * _DAY


def shown(reason: Reason) -> ReasonShown:
    """Return a reason as a finding shows it."""
    return ReasonShown(code=reason.code, path=reason.path, message=reason.message)


def shown_value(value: Value) -> JsonValue:
    """Return a value as JSON for people and tools; what is unknown is null."""
    match value:
        case bool() | int() | float() | str():
            return value
        case datetime():
            return written(value)
        case timedelta():
            return words_of(value)
        case Row(label=label):
            return label
        case None | Unknown():
            return None
        case _:
            return _shown_parts(value)


def _shown_parts(value: Conflict | SizeRange | Bag | dict[Any, Value]) -> JsonValue:
    match value:
        case Conflict(values=values):
            return {"conflict": [shown_value(one) for one in values]}
        case SizeRange(low=low, high=high):
            return {"at_least": low, "at_most": high}
        case Bag(members=members):
            return [shown_value(one.value) for one in members]
        case _:
            return {str(key): shown_value(inner) for key, inner in value.items()}


def words_of(duration: timedelta) -> str:
    """Return a duration in the largest units that divide it: ``90 days``, ``12 h``, ``30 s``.

    One of over two days that no unit divides is told in days to one decimal.
    """
    seconds = duration.total_seconds()
    for size, word in ((86_400, "days"), (3_600, "h"), (60, "min")):
        if seconds and seconds % size == 0:
            return f"{int(seconds // size)} {word}"
    if abs(seconds) > _TWO_DAYS:
        return f"{seconds / _DAY:.1f} days"
    return f"{seconds:g} s"
