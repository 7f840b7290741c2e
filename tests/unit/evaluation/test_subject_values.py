"""What is stated of a system and a release, as expressions read it."""

from assaybook.domain.values import Bag
from assaybook.evaluation.subject_values import subject_values
from support.evidence import a_subject
from support.situations import judged, letters


def test_a_text_of_blanks_states_nothing() -> None:
    system = {"deployed_use": " ", "intended_uses": ("", "Sort a waiting list. "), "purpose": ""}
    values = subject_values(a_subject(system=system, release={"stage": " production "}))
    assert values["system"].values["deployed_use"] is None
    assert values["system"].values["purpose"] is None
    uses = values["system"].values["intended_uses"]
    assert isinstance(uses, Bag)
    assert [one.value for one in uses.members] == ["Sort a waiting list."]
    assert values["release"].values["stage"] == "production"


def test_a_use_without_a_word_is_no_intended_use() -> None:
    subject = a_subject(system={"deployed_use": "", "intended_uses": ("",)})
    assert letters(judged("documentation.intended-use", (), subject=subject)) == "FI"
    subject = a_subject(system={"deployed_use": "", "intended_uses": ("u",)})
    assert letters(judged("documentation.intended-use", (), subject=subject)) == "II"
