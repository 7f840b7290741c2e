"""Numbers and statistics, each with its formula.

The order of operations is fixed and sums are exact (``math.fsum``), so that the result does not
depend on the order of the evidence.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from math import ceil, floor, fsum, isfinite, isnan, sqrt
from statistics import NormalDist
from typing import Final, cast

from assaybook.domain.values import Bag, Unknown, Value, unknown
from assaybook.evaluation.operators import fault, is_number, lift, no_overload
from assaybook.evaluation.operators_lists import certain_elements
from assaybook.evaluation.operators_numbers import checked_float, checked_int

Statistic = Callable[..., Value]
_NORMAL: Final = NormalDist()
_NUMBERS: Final = frozenset({int, float})
_TWO: Final = 2
_HUNDRED: Final = 100


def least(*values: Value) -> Value:
    """Return the least of some numbers; of equal ones the first."""
    return _extreme("math.least", min, values)


def greatest(*values: Value) -> Value:
    """Return the greatest of some numbers; of equal ones the first."""
    return _extreme("math.greatest", max, values)


def _extreme(name: str, choose: Callable[..., float], values: Sequence[Value]) -> Value:
    if not _NUMBERS.issuperset(map(type, values)):
        return no_overload(name, *values)
    numbers = cast("Sequence[float]", values)
    if any(map(isnan, numbers)):
        return fault("nan", f"{name} of a number that is not one")
    return choose(numbers)


def absolute(value: Value) -> Value:
    """Return a number without its sign."""
    if type(value) is int:
        return checked_int(abs(value))
    return abs(value) if isinstance(value, float) else no_overload("math.abs", value)


def rounded_up(value: Value) -> Value:
    """Return the least whole number that is not less, as a double."""
    return _whole("math.ceil", ceil, value)


def rounded_down(value: Value) -> Value:
    """Return the greatest whole number that is not more, as a double."""
    return _whole("math.floor", floor, value)


def rounded(value: Value) -> Value:
    """Return the nearest whole number as a double; a half goes away from zero."""
    return _whole("math.round", _half_away, value)


def _half_away(value: float) -> int:
    below = floor(abs(value))
    nearest = below + 1 if abs(value) - below >= 0.5 else below  # noqa: PLR2004  a half
    return -nearest if value < 0 else nearest


def _whole(name: str, function: Callable[[float], int], value: Value) -> Value:
    if not is_number(value):
        return no_overload(name, value)
    number = float(cast("float", value))
    return float(function(number)) if isfinite(number) else checked_float(number)


@lru_cache(maxsize=64)
def _quantile(level: float) -> float:
    """Return the two-sided normal quantile of a confidence level, 1.96 for 0.95."""
    return _NORMAL.inv_cdf(0.5 + level / 2)


def wilson(name: str, sign: int, share: Value, trials: Value, level: Value) -> Value:
    """Return a bound of the two-sided Wilson score interval of a share: lower for the sign -1.

    Source: Wilson, E. B. (1927), without continuity correction:
    ``(p + z^2/2n -/+ z*sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n)``.
    """
    if type(trials) is not int or not _NUMBERS.issuperset((type(share), type(level))):
        return no_overload(name, share, trials, level)
    p, n, wanted = float(cast("float", share)), trials, float(cast("float", level))
    if not (0 <= p <= 1 and n >= 0 and 0 < wanted < 1):
        return fault("domain", f"{name} of the share {p}, {n} trials and the level {wanted}")
    if n == 0:
        return unknown("too_few", "", f"{name} of no trials")
    z = _quantile(wanted)
    square = z * z
    centre = p + square / (2 * n)
    margin = z * sqrt(p * (1 - p) / n + square / (4 * n * n))
    bound = (centre + sign * margin) / (1 + square / n)
    return 0.0 if bound < 0 else min(bound, 1.0)


def over_list(name: str, function: Callable[..., Value], values: Sequence[Value]) -> Value:
    """Apply a statistic to the elements of a list and to what is given beside the list."""
    first, *more = values
    if not isinstance(first, Bag):
        return lift(lambda *plain: no_overload(name, *plain), values)
    elements = certain_elements(first)
    if isinstance(elements, Unknown):
        return elements
    count = len(elements)

    def of_plain(*plain: Value) -> Value:
        if not all(is_number(value) for value in plain):
            return no_overload(name, *plain[: count + 1][-_TWO:])
        numbers = [float(cast("float", value)) for value in plain]
        if not all(map(isfinite, numbers)):
            return fault("nan", f"{name} of a number without end")
        return _checked(function, name, numbers[:count], numbers[count:])

    return lift(of_plain, (*elements, *more))


def _checked(
    function: Callable[..., Value], name: str, numbers: list[float], more: list[float]
) -> Value:
    try:
        found = function(numbers, *more)
    except OverflowError:
        found = float("inf")
    if isinstance(found, float) and not isfinite(found):
        return fault("overflow", f"{name} is beyond a double")
    return found


def mean(numbers: list[float]) -> float:
    """Return the arithmetic mean: the exact sum divided by the count."""
    return fsum(numbers) / len(numbers)


def deviation(numbers: list[float]) -> Value:
    """Return the standard deviation of a sample.

    Source: square root of the sum of squared differences from the mean, divided by n - 1.
    """
    if len(numbers) < _TWO:
        return _too_few("stats.stddev")
    middle = mean(numbers)
    squares = [(number - middle) * (number - middle) for number in numbers]
    return sqrt(fsum(squares) / (len(numbers) - 1))


def percentile(numbers: list[float], rank: float) -> Value:
    """Return a percentile, ``rank`` from 0 to 100.

    Source: Hyndman and Fan (1996), type 7: linear between the two nearest ranks of (n - 1) p.
    """
    if not 0 <= rank <= _HUNDRED:
        return fault("domain", f"there is no {rank:g} percentile")
    line = sorted(numbers)
    place = (len(line) - 1) * rank / _HUNDRED
    below = floor(place)
    above = min(below + 1, len(line) - 1)
    return line[below] + (place - below) * (line[above] - line[below])


def slope(numbers: list[float]) -> Value:
    """Return the change per step of a list in its order.

    Source: ordinary least squares of the values on 0, 1, 2, ...
    """
    if len(numbers) < _TWO:
        return _too_few("stats.slope")
    middle, centre = mean(numbers), (len(numbers) - 1) / 2
    rise = fsum((step - centre) * (number - middle) for step, number in enumerate(numbers))
    run = fsum((step - centre) * (step - centre) for step in range(len(numbers)))
    return rise / run


def _too_few(name: str) -> Unknown:
    return unknown("too_few", "", f"{name} needs two numbers or more")
