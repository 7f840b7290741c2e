"""What is stated of a system and a release, as expressions read it."""

from assaybook.domain.values import Bag
from assaybook.evaluation.subject_values import release_row, system_row
from support.evidence import a_subject
from support.situations import judged, letters


def test_a_text_of_blanks_states_nothing() -> None:
    system = {"deployed_use": " ", "intended_uses": ("", "Sort a waiting list. "), "purpose": ""}
    subject = a_subject(system=system, release={"stage": " production "})
    stated = system_row(subject.system).values
    assert stated["deployed_use"] is None
    assert stated["purpose"] is None
    uses = stated["intended_uses"]
    assert isinstance(uses, Bag)
    assert [one.value for one in uses.members] == ["Sort a waiting list."]
    assert release_row(subject.release).values["stage"] == "production"


def test_a_use_without_a_word_is_no_intended_use() -> None:
    subject = a_subject(system={"deployed_use": "", "intended_uses": ("",)})
    assert letters(judged("documentation.intended-use", (), subject=subject)) == "FI"
    subject = a_subject(system={"deployed_use": "", "intended_uses": ("u",)})
    assert letters(judged("documentation.intended-use", (), subject=subject)) == "II"


def test_a_role_that_nobody_stated_excuses_no_system() -> None:
    row = system_row(a_subject().system)
    assert row.values["roles"] is None
    roles = system_row(a_subject(system={"roles": ("deployer",)}).system).values["roles"]
    assert isinstance(roles, Bag)
    assert [one.value for one in roles.members] == ["deployer"]
