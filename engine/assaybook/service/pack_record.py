"""How the record of a system changed, for the packs that show it."""

from collections.abc import Iterator
from datetime import datetime
from enum import Enum
from itertools import pairwise
from typing import cast

from assaybook.domain.subject import System
from assaybook.reporting.recorded import FieldChange, RecordChange
from assaybook.store.subjects import history_of
from assaybook.store.unit_of_work import Reading


def record_changes(reading: Reading, system: str, *, as_of: datetime) -> tuple[RecordChange, ...]:
    """Return what of the record of a system changed by an instant, oldest first."""
    known = [one for one in history_of(reading, system) if one.at <= as_of]
    return tuple(
        RecordChange(new.at, new.person, new.reason, tuple(_fields(old.system, new.system)))
        for old, new in pairwise(known)
    )


def _fields(before: System, after: System) -> Iterator[FieldChange]:
    for name in System.model_fields:
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            yield FieldChange(name.replace("_", " "), _words(old), _words(new))


def _words(value: object) -> str:
    match value:
        case None:
            return "not stated"
        case bool():
            return "yes" if value else "no"
        case Enum():
            return str(value.value)
        case tuple():
            return "; ".join(map(str, cast("tuple[object, ...]", value))) or "none"
        case _:
            return str(value)
