"""Every function of the registry has a table of worked values and a property that always holds."""

import re
import statistics
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assaybook.domain.expression import QuantifierKind
from assaybook.domain.functions import FUNCTIONS
from assaybook.domain.macros import MACROS
from assaybook.domain.types import ScalarType
from assaybook.domain.values import Unknown, Value, plain_list, unknown
from assaybook.evaluation.interpret import interpret
from assaybook.language.checker import check
from assaybook.language.parser import parse
from support.expressions import AS_OF, codes, judged

T: Final = 'timestamp("2026-11-20T13:05:09.250Z")'
DAY: Final = timedelta(days=1)
TABLE: Final[Mapping[str, Mapping[str, object]]] = {
    "size": {'size(["a", "b"])': 2, "size([])": 0, "size('äö')": 2, "'abc'.size()": 3},
    "contains": {
        "'abc'.contains('b')": True,
        "'abc'.contains('')": True,
        "''.contains('a')": False,
    },
    "startsWith": {"'abc'.startsWith('ab')": True, "'abc'.startsWith('b')": False},
    "endsWith": {"'abc'.endsWith('bc')": True, "'abc'.endsWith('b')": False},
    "matches": {"'abc'.matches('b')": True, "matches('abc', '^b')": False},
    "string": {"string(1)": "1", "string(true)": "true", "string(0.5)": "0.5"},
    "int": {"int(2.9)": 2, "int(-2.9)": -2, "int('7')": 7, "int(timestamp(60))": 60},
    "double": {"double(3)": 3.0, "double('0.25')": 0.25},
    "bool": {"bool('true')": True, "bool('false')": False},
    "timestamp": {"timestamp(60)": datetime(1970, 1, 1, 0, 1, tzinfo=UTC)},
    "duration": {"duration('90d')": 90 * DAY, "duration('1h30m')": timedelta(minutes=90)},
    "getFullYear": {f"{T}.getFullYear()": 2026},
    "getMonth": {f"{T}.getMonth()": 10},
    "getDate": {f"{T}.getDate()": 20},
    "getDayOfMonth": {f"{T}.getDayOfMonth()": 19},
    "getDayOfWeek": {f"{T}.getDayOfWeek()": 5},
    "getDayOfYear": {f"{T}.getDayOfYear()": 323},
    "getHours": {f"{T}.getHours()": 13, f"{T}.getHours('+02:00')": 15},
    "getMinutes": {f"{T}.getMinutes()": 5, "duration('90s').getMinutes()": 1},
    "getSeconds": {f"{T}.getSeconds()": 9, "duration('90s').getSeconds()": 90},
    "getMilliseconds": {f"{T}.getMilliseconds()": 250},
    "math.least": {"math.least([3, 1, 2])": 1, "math.least(0.5, 1)": 0.5},
    "math.greatest": {"math.greatest([3, 1, 2])": 3, "math.greatest(0.5, 1)": 1},
    "math.abs": {"math.abs(-3)": 3, "math.abs(-0.5)": 0.5},
    "math.ceil": {"math.ceil(1.2)": 2.0, "math.ceil(-1.2)": -1.0},
    "math.floor": {"math.floor(1.8)": 1.0, "math.floor(-1.2)": -2.0},
    "math.round": {"math.round(2.5)": 3.0, "math.round(-2.5)": -3.0, "math.round(0.4)": 0.0},
    # Newcombe (1998), Statistics in Medicine 17, table I, method 3: 81/263, 15/148, 0/20, 1/29.
    "stats.wilson_lower": {
        "stats.wilson_lower(81.0 / 263.0, 263, 0.95)": pytest.approx(0.2553, abs=5e-5),
        "stats.wilson_lower(15.0 / 148.0, 148, 0.95)": pytest.approx(0.0624, abs=5e-5),
        "stats.wilson_lower(0.0, 20, 0.95)": pytest.approx(0.0, abs=1e-12),
        "stats.wilson_lower(1.0 / 29.0, 29, 0.95)": pytest.approx(0.0061, abs=5e-5),
    },
    "stats.wilson_upper": {
        "stats.wilson_upper(81.0 / 263.0, 263, 0.95)": pytest.approx(0.3662, abs=5e-5),
        "stats.wilson_upper(15.0 / 148.0, 148, 0.95)": pytest.approx(0.1605, abs=5e-5),
        "stats.wilson_upper(0.0, 20, 0.95)": pytest.approx(0.1611, abs=5e-5),
        "stats.wilson_upper(1.0 / 29.0, 29, 0.95)": pytest.approx(0.1718, abs=5e-5),
    },
    "stats.mean": {"stats.mean([1, 2, 6])": 3.0, "stats.mean([0.1, 0.2])": pytest.approx(0.15)},
    "stats.stddev": {"stats.stddev([2, 4, 4, 4, 5, 5, 7, 9])": pytest.approx(2.1380899)},
    "stats.percentile": {
        "stats.percentile([1, 2, 3, 4], 25)": 1.75,
        "stats.percentile([15, 20, 35, 40, 50], 40)": 29.0,
    },
    "stats.slope": {"stats.slope([1, 3, 5])": 2.0, "stats.slope([2, 2])": 0.0},
    "age": {f"age({T})": timedelta(hours=10, minutes=54, seconds=50, milliseconds=750)},
}
texts: Final = st.text("ab=1.ä", max_size=6)
wholes: Final = st.integers(-(2**53), 2**53)
numbers: Final = st.floats(-1e9, 1e9)
lists: Final = st.lists(numbers, min_size=2, max_size=8)
shares: Final = st.floats(0, 1)
instants: Final = st.datetimes(
    datetime(1971, 1, 1),  # noqa: DTZ001 - the strategy adds the zone
    datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
).map(lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000))
Property = Callable[[st.DataObject], None]


def _is_same(expression: str, of: st.SearchStrategy[Any], same: Callable[[Any], Any]) -> Property:
    """Return the property that an expression over ``x`` agrees with Python's own answer."""

    def holds(data: st.DataObject) -> None:
        x = data.draw(of)
        held: Value = x
        if isinstance(x, list):
            held = plain_list(x)  # pyright: ignore[reportUnknownArgumentType]
        wanted = same(x)
        assert judged(expression, x=held) == (
            pytest.approx(wanted, rel=1e-9) if isinstance(wanted, float) else wanted
        )

    return holds


def _pair(expression: str, same: Callable[[str, str], bool]) -> Property:
    def holds(data: st.DataObject) -> None:
        x, y = data.draw(texts), data.draw(texts)
        assert judged(expression, x=x, y=y) is same(x, y)
        assert judged(expression, x=x + y, y=y) is same(x + y, y)

    return holds


def _clock(name: str, same: Callable[[datetime], int]) -> Property:
    def holds(data: st.DataObject) -> None:
        at, hours = data.draw(instants), data.draw(st.integers(0, 9))
        assert judged(f"x.{name}()", x=at) == same(at)
        zoned = judged(f"x.{name}(z)", x=at, z=f"+0{hours}:00")
        assert zoned == same(at + timedelta(hours=hours))

    return holds


def _wilson(data: st.DataObject) -> None:
    p, n, level = (
        data.draw(shares),
        data.draw(st.integers(1, 10**6)),
        data.draw(st.floats(0.1, 0.99)),
    )
    low, high = (
        judged(f"stats.wilson_{w}(p, n, c)", p=p, n=n, c=level) for w in ("lower", "upper")
    )
    wide = judged("stats.wilson_lower(p, n, c)", p=p, n=max(1, n // 10), c=level)
    assert isinstance(low, float)
    assert isinstance(high, float)
    assert isinstance(wide, float)
    assert 0 <= low <= p + 1e-9
    assert p - 1e-9 <= high <= 1
    assert wide <= low + 1e-9
    mirrored = judged("stats.wilson_upper(p, n, c)", p=1 - p, n=n, c=level)
    assert mirrored == pytest.approx(1 - low, abs=1e-9)


def _percentile(data: st.DataObject) -> None:
    xs, p = data.draw(lists), data.draw(st.floats(0, 100))
    found = judged("stats.percentile(x, p)", x=plain_list(xs), p=p)
    assert isinstance(found, float)
    assert judged("stats.percentile(x, 0)", x=plain_list(xs)) == min(xs)
    assert judged("stats.percentile(x, 100)", x=plain_list(xs)) == max(xs)
    assert min(xs) <= found <= max(xs)
    assert judged("stats.percentile(x, 50)", x=plain_list(xs)) == pytest.approx(
        statistics.median(xs)
    )


def _slope(data: st.DataObject) -> None:
    rise, start, count = data.draw(numbers), data.draw(numbers), data.draw(st.integers(2, 9))
    line: list[Value] = [start + rise * step for step in range(count)]
    found = judged("stats.slope(x)", x=plain_list(line))
    assert found == pytest.approx(rise, rel=1e-6, abs=1e-4)


def _rounded(data: st.DataObject) -> None:
    x = data.draw(numbers)
    found = judged("math.round(x)", x=x)
    assert isinstance(found, float)
    assert found == int(found)
    assert abs(found - x) <= 0.5


def _matches(data: st.DataObject) -> None:
    x, y = data.draw(texts), data.draw(texts)
    assert judged("x.matches(y)", x=x, y=re.escape(y)) is (y in x)


PROPERTIES: Final[Mapping[str, Property]] = {
    "size": _is_same("size(x)", st.one_of(texts, st.lists(numbers)), len),
    "contains": _pair("x.contains(y)", lambda x, y: y in x),
    "startsWith": _pair("x.startsWith(y)", str.startswith),
    "endsWith": _pair("x.endsWith(y)", str.endswith),
    "matches": _matches,
    "string": _is_same("string(x)", st.one_of(texts, wholes), str),
    "int": _is_same("int(string(x))", wholes, int),
    "double": _is_same("double(string(x))", numbers, float),
    "bool": _is_same("bool(string(x))", st.booleans(), bool),
    "timestamp": _is_same("timestamp(string(x)) == x", instants, lambda _x: True),
    "duration": _is_same(
        "duration(string(x)) == x",
        st.integers(0, 10**6).map(lambda s: timedelta(seconds=s)),
        lambda _x: True,
    ),
    "getFullYear": _clock("getFullYear", lambda at: at.year),
    "getMonth": _clock("getMonth", lambda at: at.month - 1),
    "getDate": _clock("getDate", lambda at: at.day),
    "getDayOfMonth": _clock("getDayOfMonth", lambda at: at.day - 1),
    "getDayOfWeek": _clock("getDayOfWeek", lambda at: at.isoweekday() % 7),
    "getDayOfYear": _clock("getDayOfYear", lambda at: at.timetuple().tm_yday - 1),
    "getHours": _clock("getHours", lambda at: at.hour),
    "getMinutes": _clock("getMinutes", lambda at: at.minute),
    "getSeconds": _clock("getSeconds", lambda at: at.second),
    "getMilliseconds": _clock("getMilliseconds", lambda at: at.microsecond // 1000),
    "math.least": _is_same("math.least(x)", lists, min),
    "math.greatest": _is_same("math.greatest(x)", lists, max),
    "math.abs": _is_same("math.abs(x)", numbers, abs),
    "math.ceil": _is_same("math.ceil(x) >= x && math.ceil(x) <= x + 1.0", numbers, lambda _x: True),
    "math.floor": _is_same(
        "math.floor(x) <= x && math.floor(x) >= x - 1.0", numbers, lambda _x: True
    ),
    "math.round": _rounded,
    "stats.wilson_lower": _wilson,
    "stats.wilson_upper": _wilson,
    "stats.mean": _is_same("stats.mean(x)", lists, statistics.fmean),
    "stats.stddev": _is_same("stats.stddev(x)", lists, statistics.stdev),
    "stats.percentile": _percentile,
    "stats.slope": _slope,
    "age": _is_same("age(x)", instants, lambda at: AS_OF - at),
}


def test_every_function_has_a_table_and_a_property() -> None:
    assert (FUNCTIONS.keys(), FUNCTIONS.keys()) == (TABLE.keys(), PROPERTIES.keys())


@pytest.mark.parametrize(
    ("text", "expected"), [(text, value) for rows in TABLE.values() for text, value in rows.items()]
)
def test_a_function_yields_what_its_source_says(text: str, expected: object) -> None:
    assert judged(text) == expected


@pytest.mark.parametrize("name", sorted(PROPERTIES))
@settings(max_examples=12)
@given(data=st.data())
def test_what_is_true_of_a_function_for_any_value(name: str, data: st.DataObject) -> None:
    PROPERTIES[name](data)


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_a_function_is_documented_with_an_example_that_its_signature_describes(name: str) -> None:
    function = FUNCTIONS[name]
    kind = check(parse(function.example), {}).node.type
    results = [one.result for one in function.signatures]
    assert function.doc
    assert not isinstance(judged(function.example), Unknown)
    assert isinstance(kind, ScalarType)
    assert any(isinstance(one, ScalarType) and one.name == kind.name for one in results) or (
        function.keeps_unit
    )


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_an_unknown_argument_makes_a_function_unknown_for_the_same_reason(name: str) -> None:
    more = len(FUNCTIONS[name].signatures[0].params) - 1
    others = ", ".join((["1"] if name.startswith("stats.") else ["'a'"]) * more)
    text = f"{name}(x{', ' if others else ''}{others})"
    if not FUNCTIONS[name].called:
        text = f"x.{name}({others})"
    assert codes(judged(text, x=unknown("stale", "row.x"))) == ["stale"]


def test_the_statistics_name_their_formula_or_method() -> None:
    lacking = [n for n, f in FUNCTIONS.items() if n.startswith("stats.") and not f.source]
    assert lacking == []
    assert "Wilson" in FUNCTIONS["stats.wilson_lower"].source
    assert "type 7" in FUNCTIONS["stats.percentile"].source


@pytest.mark.parametrize("text", [text for macro in MACROS for text in macro.examples])
def test_the_examples_of_macros_are_known(text: str) -> None:
    check(parse(text), {})
    assert not isinstance(interpret(parse(text).node, {}), Unknown)


def test_every_macro_of_the_language_is_documented() -> None:
    assert {macro.name for macro in MACROS} == {*get_args(QuantifierKind), "has"}
