"""Messages are for people; they never alter an outcome and never break."""

import pytest

from assaybook.domain.values import Conflict, Row, Value, plain_list, unknown
from assaybook.evaluation.messages import filled

ROW = Row(
    "metric",
    "recall[slice=f]",
    {"slice": "f", "value": 0.123456, "n": None, "two": Conflict((0.5, 0.9)), "x": unknown("null")},
)
ENV: dict[str, Value] = {"row": ROW, "count": 3, "names": plain_list(["a", "b"]), "long": "x" * 500}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{row.slice}: too low", "f: too low"),
        ("at {row.value}", "at 0.1235"),
        ("{count} of {names}", "3 of a, b"),
        ("{row.n}", "<missing: row.n>"),
        ("{row.x}", "<missing: row.x>"),
        ("{row.nothing}", "<missing: row.nothing>"),
        ("{nobody}", "<missing: nobody>"),
        ("{count.part}", "<missing: count.part>"),
        ("{row.two}", "0.5 or 0.9"),
        ("{row}", "recall[slice=f]"),
        ("{{literally}}", "{literally}"),
        ("{unclosed", "{unclosed"),
        ("", ""),
    ],
)
def test_a_message_is_filled_as_far_as_it_can_be(template: str, expected: str) -> None:
    assert filled(template, ENV) == expected


def test_a_long_value_is_cut() -> None:
    assert len(filled("{long}", ENV)) == 400


def test_two_numbers_that_differ_never_look_like_one() -> None:
    near: dict[str, Value] = {"value": 0.7499999999, "floor": 0.75}
    said = filled("{value} is under {floor}", near)
    assert said == "0.7499999999 is under 0.75"
    assert filled("{value} is under {value}", near) == "0.75 is under 0.75"


def test_blanks_around_an_entry_of_a_list_are_seen() -> None:
    declared: dict[str, Value] = {"slices": plain_list(["sex=f ", "sex=m", ""])}
    assert filled("{slices}", declared) == '"sex=f ", sex=m, ""'
