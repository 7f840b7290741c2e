"""What keeps controls from being a catalog is said with its place."""

from assaybook.domain.control import TextPolicy, tree_faults
from support.assessing import a_control


def _faults(*controls: object) -> list[tuple[int, str]]:
    return list(tree_faults(controls, TextPolicy.TITLES))  # type: ignore[arg-type]


def test_an_id_twice_a_parent_that_is_missing_and_a_name_for_two_are_faults() -> None:
    again = a_control("A").model_copy(update={"id": "B", "alias": "A"})
    assert _faults(a_control("A"), a_control("A")) == [(1, "the id 'A' is used twice")]
    assert "does not stand before it" in _faults(a_control("A1", "A"))[0][1]
    assert "would name both" in _faults(a_control("A"), again)[0][1]


def test_text_that_may_not_be_carried_is_a_fault() -> None:
    told = a_control("A").model_copy(update={"text": "word for word"})
    assert "carries text" in _faults(told)[0][1]
    assert not list(tree_faults([told], TextPolicy.EXACT))


def test_a_group_or_risk_that_is_not_in_the_catalog_is_a_fault() -> None:
    lost = a_control("A").model_copy(update={"groups": ("X",), "risks": ("A",)})
    assert _faults(lost) == [(0, "'A' refers to 'X', which is not in the catalog")]
