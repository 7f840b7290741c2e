"""What only luck could end is refused before it begins, by both back ends alike."""

import pytest

from assaybook.domain.values import plain_list
from support.expressions import codes, judged


@pytest.mark.parametrize(
    "text",
    [
        "xs.all(a, xs.all(b, xs.all(c, a + b + c >= 0)))",
        "xs.exists(a, xs.exists(b, xs.exists(c, a + b + c >= 0)))",
        "size(xs.filter(a, xs.exists(b, xs.all(c, c > a + b)))) > 0",
        "xs.map(a, a > 0, xs.filter(b, xs.all(c, c > b)).all(d, d > 0)).all(e, e)",
        "!xs.all(a, [1].all(one, xs.all(b, xs.all(c, a + b + c >= one))))",
    ],
)
def test_a_thousand_million_steps_are_refused_whichever_row_comes_first(text: str) -> None:
    assert codes(judged(text, xs=plain_list(range(1000)))) == ["error:budget"]


def test_lists_that_are_short_enough_are_gone_through() -> None:
    ten = plain_list(range(10))
    assert judged("xs.all(a, xs.all(b, xs.all(c, a + b + c >= 0)))", xs=ten) is True
    assert judged("xs.all(a, xs.exists(b, b == a))", xs=plain_list(range(300))) is True
    assert judged("xs.all(a, xs.all(b, xs.all(c, false)))", xs=ten) is False


def test_lists_of_lists_have_no_name_to_be_foreseen_by() -> None:
    nested = plain_list([plain_list(range(3))] * 3)
    assert judged("xs.all(a, a.all(b, b >= 0))", xs=nested) is True
