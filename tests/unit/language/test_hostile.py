"""Files written to stop, exhaust or deceive are refused by name, or judged within their bounds."""

from typing import Final

import pytest

from support.hostile import hostile

ACTS: Final = hostile()
EXPECTED: Final = {
    "a file of a million bytes and one": "yaml-too-large",
    "values nested two thousand deep": "yaml-too-deep",
    "half a million small values": "yaml-too-many-values",
    "aliases that stand for a billion values": "yaml-anchor",
    "a mapping that contains itself": "yaml-anchor",
    "brackets four thousand deep": "expression-too-large",
    "negations sixty-five deep": "expression-too-deep",
    "an expression of many thousand parts": "expression-too-large",
    "four lists inside one another": "expression-too-costly",
    "a thousand million steps": "error:budget",
    "a regular expression that backtracks elsewhere": "False",
    "a regular expression that explodes": "bad-literal",
    "a look-ahead": "bad-literal",
    "an id in letters that look like others": "bad-form",
    "a param in letters that look like others": "bad-form",
    "text that turns the direction of writing": "yaml-hidden-character",
    "an overlay that takes in itself": "yaml-anchor",
    "an overlay that extends another": "unknown-key",
    "an overlay with a value beyond all bounds": "param-bounds",
    "an overlay with a number too large to be one": "yaml-number",
    "a waiver that its requester approves, in capitals": "waiver-self-approved",
    "a waiver that expires before it starts": "waiver-approval-incomplete waiver-never-holds",
    "a waiver without an end": "missing-key",
    "a waiver for ever": "bad-instant",
    "as many rows of cases as are read": "taken",
    "more rows of cases than are read": "cases-too-large",
    "cases as large as are read": "taken",
    "cases with thousands of documents": "cases-too-large",
    "as many documents without anything in them as are read": "case-evidence",
    "a duration of more years than there are": "bad-duration",
}


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_what_is_hostile_is_refused_for_what_it_is(name: str) -> None:
    assert ACTS[name]() == EXPECTED[name]


def test_nothing_hostile_is_left_without_an_expectation() -> None:
    assert ACTS.keys() == EXPECTED.keys()
