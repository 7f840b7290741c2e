"""Params of policies: which change of one asks less than before."""

from datetime import timedelta

from assaybook.domain.policy import Param, ParamValue


def is_relaxation(param: Param, old: ParamValue | None, new: ParamValue | None) -> bool:
    """Tell whether a new value of a param asks less than the old one, or may do so.

    Setting what nobody has set relaxes nothing, and a value that is not set passes nothing. A
    param without ``stricter`` has no direction, so every change of it may relax.
    """
    if old is None or new is None or old == new:
        return False
    match param.stricter:
        case "higher":
            return measure_of(new) < measure_of(old)
        case "lower":
            return measure_of(new) > measure_of(old)
        case "superset":
            return not _items(new) >= _items(old)
        case "subset":
            return not _items(new) <= _items(old)
        case _:
            return True


def measure_of(value: ParamValue) -> float:
    """Return a number, or the seconds of a duration."""
    if isinstance(value, timedelta):
        return value.total_seconds()
    return float(value) if isinstance(value, int | float) else 0.0


def _items(value: ParamValue) -> frozenset[object]:
    return frozenset(value) if isinstance(value, tuple) else frozenset((value,))
