"""The functions that expressions may call, by name, as values of any kind go through them."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final, TypeAlias

from assaybook.domain.record import record
from assaybook.domain.values import Bag, Unknown, Value
from assaybook.evaluation import functions_stats as stats
from assaybook.evaluation import functions_text as text
from assaybook.evaluation import functions_time as time_of
from assaybook.evaluation.budget import Budget
from assaybook.evaluation.operators import fault, lift
from assaybook.evaluation.operators_lists import certain_elements, size_of

Body: TypeAlias = Callable[[Sequence[Value], Budget], Value]
AS_OF: Final = "$as_of"
"""The name under which an environment holds the instant of the assessment."""


@record
class Callee:
    """A function with the numbers of arguments that it takes; ``most`` None is any number."""

    body: Body
    fewest: int
    most: int | None


def _plain(function: Callable[..., Value], fewest: int, most: int | None = None) -> Callee:
    """Make a callee of a function of plain values."""
    return Callee(lambda args, _budget: lift(function, args), fewest, most or fewest)


def _statistic(name: str, function: Callable[..., Value], count: int = 1) -> Callee:
    def body(args: Sequence[Value], budget: Budget) -> Value:
        first = args[0]
        budget.spend(len(first.members) if isinstance(first, Bag) else 1)
        return stats.over_list(name, function, args)

    return Callee(body, count, count)


def _extreme(function: Callable[..., Value]) -> Callee:
    """Make a callee of one list of numbers, or of several numbers."""

    def body(args: Sequence[Value], budget: Budget) -> Value:
        first = args[0]
        if len(args) > 1 or not isinstance(first, Bag):
            return lift(function, args)
        budget.spend(len(first.members))
        elements = certain_elements(first)
        return elements if isinstance(elements, Unknown) else lift(function, elements)

    return Callee(body, 1, None)


CALLEES: Final[Mapping[str, Callee]] = {
    "size": Callee(lambda args, _budget: size_of(args[0]), 1, 1),
    "contains": _plain(text.contains, 2),
    "startsWith": _plain(text.starts_with, 2),
    "endsWith": _plain(text.ends_with, 2),
    "matches": Callee(lambda args, budget: text.matches_of(args[0], args[1], budget), 2, 2),
    "string": _plain(text.to_string, 1),
    "int": _plain(text.to_int, 1),
    "double": _plain(text.to_double, 1),
    "bool": _plain(text.to_bool, 1),
    "timestamp": _plain(time_of.to_timestamp, 1),
    "duration": _plain(time_of.to_duration, 1),
    **{name: _plain(partial(time_of.part_of, name), 1, 2) for name in time_of.ACCESSORS},
    "math.least": _extreme(stats.least),
    "math.greatest": _extreme(stats.greatest),
    "math.abs": _plain(stats.absolute, 1),
    "math.ceil": _plain(stats.rounded_up, 1),
    "math.floor": _plain(stats.rounded_down, 1),
    "math.round": _plain(stats.rounded, 1),
    "stats.wilson_lower": _plain(partial(stats.wilson, "stats.wilson_lower", -1), 3),
    "stats.wilson_upper": _plain(partial(stats.wilson, "stats.wilson_upper", 1), 3),
    "stats.mean": _statistic("stats.mean", stats.mean),
    "stats.stddev": _statistic("stats.stddev", stats.deviation),
    "stats.percentile": _statistic("stats.percentile", stats.percentile, 2),
    "stats.slope": _statistic("stats.slope", stats.slope),
    "age": _plain(time_of.age, 2),
}


def callee_of(name: str, count: int) -> Callee | Unknown:
    """Return the function of a name that takes so many arguments, or the fault."""
    found = CALLEES.get(name)
    if found is None:
        return fault("no_such_function", f"there is no function {name[:80]!r}")
    if count < found.fewest or (found.most is not None and count > found.most):
        return fault("no_overload", f"{name} does not take {count} arguments")
    return found


def reads_the_instant(name: str) -> bool:
    """Tell whether a function takes the instant of the assessment before its arguments."""
    return name == "age"
