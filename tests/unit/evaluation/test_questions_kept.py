"""What was found of a question once is used again only where the same must come of it."""

from dataclasses import replace

from assaybook.domain.policy import ParamValue
from assaybook.evaluation.needs import bind
from support.assessing import at
from support.evidence import a_document, a_metric
from support.rules import a_need, asked

DOCUMENT = a_document(a_metric("recall"), age=50, received=50)


def test_an_instant_at_which_a_condition_holds_says_nothing_of_another() -> None:
    young = 'row.name == "recall" && age(timestamp("2026-11-01T00:00:00Z")) < duration("240h")'
    need = a_need(where=young)
    for _again in range(2):
        for day, counted in ((-15, (DOCUMENT.envelope.id,)), (0, ())):
            found = bind(need, replace(asked(DOCUMENT), as_of=at(day)))
            assert found.use.evidence == counted


def test_what_holds_by_one_value_of_a_param_says_nothing_of_another() -> None:
    need = a_need(where='row.name == "recall" && params.floor == 2')
    given: tuple[tuple[ParamValue, bool], ...] = ((1, False), (2, True))
    for floor, counted in given:
        found = bind(need, asked(DOCUMENT, params={"floor": floor}))
        assert bool(found.use.evidence) is counted


def test_a_name_that_was_read_is_tried_beside_those_of_the_table() -> None:
    need = a_need(where='row.name == "house_score"')
    odd = a_document(a_metric("house_score"), name="odd.json")
    assert not bind(need, asked(DOCUMENT)).use.evidence
    assert bind(need, asked(DOCUMENT, odd)).use.evidence
