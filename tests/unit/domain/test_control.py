"""What a control is called, where it stands, and what a catalog may not be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from assaybook.domain.control import (
    Catalog,
    Control,
    TextPolicy,
    slug_of,
    token,
)
from assaybook.domain.errors import UsageError, did_you_mean


def a_control(control_id: str, **more: object) -> Control:
    kind = str(more.pop("kind", "control"))
    given = {
        "id": control_id,
        "slug": slug_of(control_id, kind),
        "kind": kind,
        "title": control_id,
        "judgeable": kind == "control",
    }
    return Control.model_validate({**given, **more})


def a_catalog(*controls: Control, policy: TextPolicy = TextPolicy.TITLES) -> Catalog:
    return Catalog(
        id="house-rules-1.0",
        title="House rules",
        version="1",
        publisher="The house",
        source="https://example.org",
        licence="none",
        text_policy=policy,
        retrieved="2026-01-31",
        verification="none",
        controls=controls,
    )


TREE = a_catalog(
    a_control("MEASURE", alias="MS", kind="function"),
    a_control("MEASURE 2", alias="MS-2", kind="category", parent="MEASURE"),
    a_control("MEASURE 2.1", alias="MS-2.1", parent="MEASURE 2"),
    a_control("MEASURE 2.11", alias="MS-2.11", parent="MEASURE 2"),
    a_control("Art. 9(2)(a)", printed_id="Art 9 2a"),
)


@pytest.mark.parametrize(
    "name", ["MEASURE 2.11", "measure 2.11", "measure-2.11", "MEASURE-2.11", "MS-2.11", "ms 2.11"]
)
def test_a_control_is_found_by_id_slug_and_alias_and_answers_with_its_printed_id(name: str) -> None:
    assert TREE.resolve(name) == "MEASURE 2.11"
    assert TREE.find(name).id == "MEASURE 2.11"


@pytest.mark.parametrize("name", ["", " ", "MEASURE 2.12", "MEASURE 2.110", "2.11", "MEASURE2.11"])
def test_a_name_that_is_no_control_is_not_taken_for_one(name: str) -> None:
    assert TREE.resolve(name) is None


def test_a_control_is_found_as_it_is_misprinted() -> None:
    assert TREE.resolve("Art 9 2a") == "Art. 9(2)(a)"


def test_an_unknown_control_is_answered_with_what_comes_near() -> None:
    with pytest.raises(UsageError) as caught:
        TREE.find("MEASUER 2.11")
    assert (caught.value.code, caught.value.where) == ("control-unknown", "house-rules-1.0")
    assert caught.value.hint == "Did you mean MEASURE 2.11, MEASURE 2.1 or MEASURE 2?"


def test_an_unknown_control_like_none_other_is_answered_with_the_listing() -> None:
    with pytest.raises(UsageError) as caught:
        TREE.find("zzzz")
    assert caught.value.hint == "assay control list --catalog house-rules-1.0"


@pytest.mark.parametrize(
    ("printed", "slug"),
    [
        ("GOVERN 1.1", "govern-1.1"),
        ("A.6.2.4", "a.6.2.4"),
        ("Art. 9(2)(a)", "art-9-2-a"),
        ("LLM01:2025", "llm01-2025"),
        ("risk:cbrn", "risk-cbrn"),
        ("4.1", "clause-4.1"),
        ("SA-11(2)", "sa-11-2"),
    ],
)
def test_a_slug_is_a_token_that_begins_with_a_letter(printed: str, slug: str) -> None:
    assert slug_of(printed, "clause") == slug


@given(st.text())
def test_a_token_of_a_token_is_itself(text: str) -> None:
    assert token(token(text)) == token(text)


def test_suggestions_read_as_a_sentence() -> None:
    assert did_you_mean([]) == ""
    assert did_you_mean(["A"]) == "Did you mean A?"
    assert did_you_mean(["A", "B", "C"]) == "Did you mean A, B or C?"


def test_the_tree_is_walked_in_printed_order() -> None:
    assert [each.id for each in TREE.roots()] == ["MEASURE", "Art. 9(2)(a)"]
    assert [each.id for each in TREE.children("MEASURE 2")] == ["MEASURE 2.1", "MEASURE 2.11"]
    assert TREE.children("MEASURE 2.1") == ()
    assert [each.id for each in TREE.ancestors("MEASURE 2.1")] == ["MEASURE 2", "MEASURE"]
    assert TREE.ancestors("MEASURE") == ()


def test_what_can_be_judged_under_a_node_is_its_subtree() -> None:
    assert [each.id for each in TREE.judgeable("MEASURE")] == ["MEASURE 2.1", "MEASURE 2.11"]
    assert [each.id for each in TREE.judgeable("MEASURE 2.1")] == ["MEASURE 2.1"]
    assert len(TREE.judgeable()) == 3


def test_a_heat_map_has_each_judgeable_control_in_exactly_one_group() -> None:
    first, second = TREE.heat_map()
    assert first.top is not None
    assert first.group is not None
    assert (first.top.id, first.group.id) == ("MEASURE", "MEASURE 2")
    assert (second.top, second.group) == (None, None)
    held = [control.id for group in (first, second) for control in group.controls]
    assert sorted(held) == sorted(each.id for each in TREE.judgeable())


def test_a_catalog_with_a_name_for_two_controls_cannot_be_made() -> None:
    with pytest.raises(ValidationError, match="would name both"):
        a_catalog(a_control("A 1"), a_control("A-1"))


def test_a_catalog_whose_parent_comes_later_cannot_be_made() -> None:
    with pytest.raises(ValidationError, match="does not stand before"):
        a_catalog(a_control("A 1", parent="A"), a_control("A"))


@pytest.mark.parametrize("policy", [TextPolicy.TITLES, TextPolicy.OWN_TITLES])
def test_a_restricted_catalog_with_text_cannot_be_made(policy: TextPolicy) -> None:
    with pytest.raises(ValidationError, match="carries text"):
        a_catalog(a_control("A 1", text="The words"), policy=policy)


def test_a_catalog_without_controls_cannot_be_made() -> None:
    with pytest.raises(ValidationError):
        a_catalog()
