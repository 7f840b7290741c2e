"""Instants, durations, calendars and ages."""

from datetime import UTC, datetime, timedelta

import pytest

from assaybook.domain.values import Unknown, unknown
from assaybook.evaluation.closures import compile_node
from assaybook.evaluation.interpret import interpret
from assaybook.evaluation.trace import Trace
from assaybook.language.parser import parse
from support.expressions import AS_OF, codes, judged

T = "timestamp('2009-02-13T23:31:30.123Z')"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{T}.getFullYear()", 2009),
        (f"{T}.getMonth()", 1),
        (f"{T}.getDate()", 13),
        (f"{T}.getDayOfMonth()", 12),
        (f"{T}.getDayOfWeek()", 5),
        (f"{T}.getDayOfYear()", 43),
        (f"{T}.getHours()", 23),
        (f"{T}.getMinutes()", 31),
        (f"{T}.getSeconds()", 30),
        (f"{T}.getMilliseconds()", 123),
        (f"{T}.getHours('02:00')", 1),
        (f"{T}.getDate('+11:00')", 14),
        (f"{T}.getHours('-09:30')", 14),
        (f"{T}.getMinutes('Asia/Kathmandu')", 16),
        (f"{T}.getHours('+25:00')", ["error:conversion"]),
        (f"{T}.getHours('Nowhere/City')", ["error:conversion"]),
        (f"{T}.getHours('../etc/passwd')", ["error:conversion"]),
        (f"{T}.getHours('America')", ["error:conversion"]),
        (f"{T}.getHours(1)", ["error:no_overload"]),
        ("timestamp('0001-01-01T00:00:00Z').getHours('-01:00')", ["error:overflow"]),
        ("duration('3730s').getHours()", 1),
        ("duration('3730s').getMinutes()", 62),
        ("duration('-3730s').getMinutes()", -62),
        ("duration('1.5s').getMilliseconds()", 1500),
        ("duration('1s').getFullYear()", ["error:no_overload"]),
        ("duration('1s').getHours('UTC')", ["error:no_overload"]),
        ("'x'.getHours()", ["error:no_overload"]),
    ],
)
def test_an_instant_and_a_duration_are_taken_apart_as_cel_says(text: str, expected: object) -> None:
    found = judged(text)
    assert (codes(found) if isinstance(found, Unknown) else found) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("timestamp('2026-01-01T01:00:00+01:00')", datetime(2026, 1, 1, tzinfo=UTC)),
        ("timestamp('2026-01-01T00:00:00.5-01:00')", datetime(2026, 1, 1, 1, 0, 0, 500_000, UTC)),
        ("timestamp(60)", datetime(1970, 1, 1, 0, 1, tzinfo=UTC)),
        ("timestamp(timestamp(0))", datetime(1970, 1, 1, tzinfo=UTC)),
        ("timestamp(253402300800)", ["error:overflow"]),
        ("timestamp(9223372036854775807)", ["error:overflow"]),
        ("timestamp('2026-02-30T00:00:00Z')", ["error:conversion"]),
        ("timestamp('2026-01-01')", ["error:conversion"]),
        ("timestamp('2026-01-01T00:00:00.1234567Z')", ["error:conversion"]),
        ("timestamp('0001-01-01T00:00:00+01:00')", ["error:conversion"]),
        ("timestamp(true)", ["error:no_overload"]),
        ("duration('1h30m')", timedelta(minutes=90)),
        ("duration('90d')", timedelta(days=90)),
        ("duration('2w')", timedelta(days=14)),
        ("duration('-1.5s')", timedelta(seconds=-1.5)),
        ("duration('+1ms')", timedelta(milliseconds=1)),
        ("duration('0')", timedelta()),
        ("duration('1000ns')", timedelta(microseconds=1)),
        ("duration(duration('1s'))", timedelta(seconds=1)),
        ("duration('-1ns')", ["error:conversion"]),
        ("duration('')", ["error:conversion"]),
        ("duration('1')", ["error:conversion"]),
        ("duration('1h x')", ["error:conversion"]),
        ("duration('293y')", ["error:conversion"]),
        ("duration('9999999999s')", ["error:conversion"]),
        ("duration(90)", ["error:no_overload"]),
        (f"duration('{'1s' * 200}')", ["error:conversion"]),
    ],
)
def test_times_are_read_to_the_microsecond_or_refused(text: str, expected: object) -> None:
    found = judged(text)
    assert (codes(found) if isinstance(found, Unknown) else found) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("t + duration('1h') == timestamp('2026-11-21T01:00:00Z')", True),
        ("duration('1h') + t == t + duration('1h')", True),
        ("t - duration('1h') < t", True),
        ("t - t == duration('0')", True),
        ("duration('1h') - duration('30m') == duration('30m')", True),
        ("duration('1h') + duration('30m') > duration('1h')", True),
        ("t + t", ["error:no_overload"]),
        ("duration('1h') - t", ["error:no_overload"]),
        ("t * t", ["error:no_overload"]),
        ("t < duration('1h')", ["error:no_overload"]),
        ("t == duration('1h')", False),
        ("timestamp('9999-12-31T23:59:59Z') + duration('1s')", ["error:overflow"]),
        ("timestamp('0001-01-01T00:00:00Z') - duration('1s')", ["error:overflow"]),
        (
            "timestamp('9999-01-01T00:00:00Z') - timestamp('0001-01-01T00:00:00Z')",
            ["error:overflow"],
        ),
        ("duration('9000000000s') + duration('9000000000s')", ["error:overflow"]),
        ("string(duration('-1.5s'))", "-1.5s"),
        ("string(timestamp('2026-01-01T00:00:00.25Z'))", "2026-01-01T00:00:00.25Z"),
    ],
)
def test_times_are_added_and_compared_within_what_they_can_hold(
    text: str, expected: object
) -> None:
    found = judged(text, t=AS_OF)
    assert (codes(found) if isinstance(found, Unknown) else found) == expected


def test_an_age_counts_back_from_the_instant_of_the_assessment() -> None:
    assert judged("age(t) <= duration('90d')", t=AS_OF - timedelta(days=90)) is True
    assert judged("age(t) <= duration('90d')", t=AS_OF - timedelta(days=91)) is False
    assert codes(judged("age(t)", t=unknown("undated"))) == ["undated"]
    assert codes(judged("age(3)")) == ["error:no_overload"]


def test_an_age_without_an_instant_is_an_error() -> None:
    node = parse("age(t)").node
    assert codes(interpret(node, {"t": AS_OF})) == ["error:no_such_name"]
    assert codes(compile_node(node).judge({"t": AS_OF}, Trace())) == ["error:no_such_name"]
