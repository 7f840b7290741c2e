"""The closed list of functions that expressions may call, with signatures and sources.

Source of the CEL functions: the CEL language definition (github.com/google/cel-spec). Statistics
name their formula where they stand.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from assaybook.domain.record import record
from assaybook.domain.types import (
    ANY,
    BOOL,
    DOUBLE,
    DURATION,
    INT,
    STRING,
    TIMESTAMP,
    ListType,
    ScalarType,
    Type,
)

NAMESPACES: Final = frozenset({"math", "stats"})
"""Names before a dot that belong to a function and are no value."""
RATIO: Final = ScalarType("double", "ratio", 0.0, 1.0)
NUMBERS: Final = ListType(DOUBLE)
ANY_LIST: Final = ListType(ANY)
_COUNT: Final = ScalarType("int", "count", 0.0)


@record
class Signature:
    """One way to call a function; the receiver of a method is its first parameter.

    A ``double`` parameter takes an ``int`` too; a list of ``double`` takes any list of numbers.
    With ``variadic`` the last parameter may be repeated.
    """

    params: tuple[Type, ...]
    result: Type
    variadic: bool = False


@record
class Function:
    """A function of the closed list.

    Attributes:
        name: as ``Call.function`` has it (``math.least``).
        signatures: the ways to call it; the first that fits counts.
        called: it can be written ``name(x)``.
        method: it can be written ``x.name()``.
        doc: what it gives, one sentence; unknowns and errors included.
        source: formula or definition; empty where the name says it.
        example: a call that the reference shows with what it yields.
        keeps_unit: the result has the unit (not the range) of its first argument.
    """

    name: str
    signatures: tuple[Signature, ...]
    doc: str
    source: str = ""
    example: str = ""
    called: bool = True
    method: bool = False
    keeps_unit: bool = False


def _text_test(name: str, doc: str, example: str) -> Function:
    signatures = (Signature((STRING, STRING), BOOL),)
    return Function(name, signatures, doc, example=example, called=False, method=True)


def _conversion(
    name: str, result: Type, kinds: tuple[Type, ...], doc: str, example: str
) -> Function:
    signatures = tuple(Signature((kind,), result) for kind in kinds)
    return Function(name, signatures, doc, example=example)


def _calendar(name: str, high: int, doc: str) -> Function:
    result = ScalarType("int", "", 0.0, float(high))
    at, zoned = Signature((TIMESTAMP,), result), Signature((TIMESTAMP, STRING), result)
    doc = f"{doc}, in UTC or in the time zone given as text"
    return Function(
        name, (at, zoned), doc, example=f"{_SOME_TIME}.{name}()", called=False, method=True
    )


def _clock(name: str, high: int, doc: str) -> Function:
    plain = _calendar(name, high, f"{doc} of a timestamp")
    spans = Signature((DURATION,), INT)
    doc = f"{plain.doc}; of a duration, the whole of it in that unit"
    return replace(plain, signatures=(*plain.signatures, spans), doc=doc)


def _extreme(name: str, doc: str) -> Function:
    listed, spread = Signature((NUMBERS,), DOUBLE), Signature((DOUBLE,), DOUBLE, variadic=True)
    example = f"{name}([0.9, 0.7, 0.8])"
    return Function(name, (listed, spread), doc, example=example, keeps_unit=True)


def _rounding(name: str, doc: str) -> Function:
    signatures = (Signature((DOUBLE,), DOUBLE),)
    return Function(name, signatures, doc, example=f"{name}(2.5)", keeps_unit=True)


def _statistic(name: str, doc: str, source: str, example: str, *more: Type) -> Function:
    signatures = (Signature((NUMBERS, *more), DOUBLE),)
    return Function(name, signatures, doc, source, example, keeps_unit=True)


_SOME_TIME: Final = 'timestamp("2026-11-20T13:05:09.250Z")'
_WILSON: Final = (
    "Wilson, E. B. (1927), score interval without continuity correction: with z the two-sided "
    "normal quantile of the level, (p + z^2/2n -/+ z*sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n)"
)
_LEVEL: Final = ScalarType("double", "", 0.0, 1.0)
_ALL: Final = (
    Function(
        "size",
        (Signature((ANY_LIST,), _COUNT), Signature((STRING,), _COUNT)),
        "the number of elements of a list, or of characters of a text; a range where rows are "
        "uncertain",
        example='size(["a", "b"])',
        method=True,
    ),
    _text_test("contains", "whether a text holds another", '"sex=female".contains("=")'),
    _text_test(
        "startsWith", "whether a text starts with another", '"sex=female".startsWith("sex=")'
    ),
    _text_test("endsWith", "whether a text ends with another", '"model.onnx".endsWith(".pkl")'),
    Function(
        "matches",
        (Signature((STRING, STRING), BOOL),),
        "whether a regular expression matches some part of a text",
        "RE2 syntax, which takes time that grows with the text alone",
        r"""matches("1.4.2", "^[0-9]+[.][0-9]+[.][0-9]+$")""",
        method=True,
    ),
    _conversion(
        "string",
        STRING,
        (STRING, INT, DOUBLE, BOOL, TIMESTAMP, DURATION),
        "a value as text",
        "string(0.5)",
    ),
    _conversion(
        "int",
        INT,
        (INT, DOUBLE, STRING, TIMESTAMP),
        "a value as a whole number, cut towards 0; of a time, the seconds since 1970",
        "int(-2.9)",
    ),
    _conversion("double", DOUBLE, (DOUBLE, STRING), "a value as a number", 'double("0.25")'),
    _conversion("bool", BOOL, (BOOL, STRING), "a text as true or false", 'bool("true")'),
    _conversion(
        "timestamp",
        TIMESTAMP,
        (TIMESTAMP, STRING, INT),
        "RFC 3339 text, or Unix seconds, as time",
        'timestamp("2026-11-20T13:05:09+01:00")',
    ),
    _conversion(
        "duration",
        DURATION,
        (DURATION, STRING),
        'text such as "1h30m" or "90d" as a length of time',
        'duration("1h30m")',
    ),
    _calendar("getFullYear", 9999, "the year"),
    _calendar("getMonth", 11, "the month, from 0"),
    _calendar("getDate", 31, "the day of the month, from 1"),
    _calendar("getDayOfMonth", 30, "the day of the month, from 0"),
    _calendar("getDayOfWeek", 6, "the day of the week, from 0 for Sunday"),
    _calendar("getDayOfYear", 365, "the day of the year, from 0"),
    _clock("getHours", 23, "the hour"),
    _clock("getMinutes", 59, "the minute"),
    _clock("getSeconds", 59, "the second"),
    _clock("getMilliseconds", 999, "the millisecond"),
    _extreme("math.least", "the least of some numbers; unknown(empty) for none"),
    _extreme("math.greatest", "the greatest of some numbers; unknown(empty) for none"),
    Function(
        "math.abs",
        (Signature((INT,), INT), Signature((DOUBLE,), DOUBLE)),
        "the value without its sign",
        example="math.abs(-0.25)",
        keeps_unit=True,
    ),
    _rounding("math.ceil", "the least whole number that is not less"),
    _rounding("math.floor", "the greatest whole number that is not more"),
    _rounding("math.round", "the nearest whole number; a half goes away from 0"),
    Function(
        "stats.wilson_lower",
        (Signature((RATIO, INT, _LEVEL), RATIO),),
        "the lower bound of the two-sided interval of a share seen in n trials; "
        "unknown(too_few) for no trials",
        _WILSON,
        "stats.wilson_lower(0.86, 130, 0.95)",
    ),
    Function(
        "stats.wilson_upper",
        (Signature((RATIO, INT, _LEVEL), RATIO),),
        "the upper bound of the two-sided interval of a share seen in n trials; "
        "unknown(too_few) for no trials",
        _WILSON,
        "stats.wilson_upper(0.86, 130, 0.95)",
    ),
    _statistic(
        "stats.mean",
        "the arithmetic mean; unknown(empty) for no number",
        "exact sum (math.fsum) divided by the count",
        "stats.mean([0.9, 0.7, 0.8])",
    ),
    _statistic(
        "stats.stddev",
        "the standard deviation of a sample; unknown(too_few) for one number",
        "square root of the sum of squared differences from the mean, divided by n - 1",
        "stats.stddev([2, 4, 4, 4, 5, 5, 7, 9])",
    ),
    _statistic(
        "stats.percentile",
        "the p-th percentile, p from 0 to 100; unknown(empty) for no number",
        "linear interpolation between the two nearest ranks (Hyndman and Fan 1996, type 7)",
        "stats.percentile([1, 2, 3, 4], 25)",
        ScalarType("double", "", 0.0, 100.0),
    ),
    _statistic(
        "stats.slope",
        "the change per step of a list in its order; unknown(too_few) for one number",
        "ordinary least squares of the values on 0, 1, 2, ...",
        "stats.slope([0.80, 0.82, 0.84])",
    ),
    Function(
        "age",
        (Signature((TIMESTAMP,), DURATION),),
        "how long before the instant of the assessment a time was",
        "as_of less the time",
        'age(timestamp("2026-11-18T00:00:00Z"))',
    ),
)
FUNCTIONS: Final[Mapping[str, Function]] = {function.name: function for function in _ALL}
