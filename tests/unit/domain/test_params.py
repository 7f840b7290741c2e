from datetime import timedelta

import pytest

from assaybook.domain.params import is_relaxation
from assaybook.domain.policy import Param, ParamKind, ParamValue, Stricter


@pytest.mark.parametrize(
    ("kind", "stricter", "old", "new", "relaxes"),
    [
        ("ratio", "higher", 0.8, 0.7, True),
        ("ratio", "higher", 0.8, 0.9, False),
        ("ratio", "lower", 0.1, 0.2, True),
        ("ratio", "lower", 0.1, 0.05, False),
        ("int", "higher", 100, 99, True),
        ("duration", "lower", timedelta(days=90), timedelta(days=91), True),
        ("duration", "lower", timedelta(days=90), timedelta(days=30), False),
        ("list<string>", "superset", ("a", "b"), ("a",), True),
        ("list<string>", "superset", ("a", "b"), ("b", "a", "c"), False),
        ("list<string>", "superset", ("a", "b"), ("a", "c", "d"), True),
        ("list<string>", "subset", ("a", "b"), ("a", "b", "c"), True),
        ("list<string>", "subset", ("a", "b"), (), False),
        ("list<number>", "superset", (1.0,), (2.0,), True),
        ("string", None, "a", "b", True),
        ("bool", None, False, True, True),
        ("string", None, "a", "a", False),
        ("ratio", "higher", None, 0.1, False),
        ("ratio", "higher", 0.8, None, False),
        ("ratio", "higher", 0.8, 0.8, False),
    ],
)
def test_a_change_relaxes_when_it_asks_less_or_when_nobody_can_tell(
    kind: ParamKind,
    stricter: Stricter | None,
    old: ParamValue | None,
    new: ParamValue | None,
    *,
    relaxes: bool,
) -> None:
    assert is_relaxation(Param("p", kind, stricter=stricter), old, new) is relaxes
