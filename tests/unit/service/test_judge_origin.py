"""What was only said of the origin of evidence is told from what a key or a token has shown."""

import json

import pytest

from assaybook.domain.canonical import canonical
from assaybook.domain.evidence import Envelope
from assaybook.domain.policy import Assurance
from assaybook.intake.declared import Declared
from assaybook.intake.limits import Limits
from assaybook.intake.read import Receipt, open_document
from assaybook.service.judge import origin_asserted
from assaybook.settings import now
from support.api_use import a_report

CLAIMED = (Assurance.CI, False)
SHOWN = (Assurance.CI, True)
ALONE = (Assurance.SELF, False)
SIGNED = (Assurance.SIGNED, False)


def _envelope(assurance: Assurance, *, authenticated: bool) -> Envelope:
    receipt = Receipt(now(), assurance=assurance, authenticated=authenticated)
    opened = open_document(
        a_report(), name="a.json", declared=(Declared(),), receipt=receipt, limits=Limits()
    )
    return opened.evidence[0].envelope


@pytest.mark.parametrize(
    ("origins", "asserted"),
    [
        pytest.param((), False, id="nothing"),
        pytest.param((ALONE,), False, id="self claims nothing"),
        pytest.param((SHOWN,), False, id="a pipeline that has shown its key"),
        pytest.param((CLAIMED,), True, id="an option of the command"),
        pytest.param((SHOWN, CLAIMED), True, id="one that is only claimed among others"),
        pytest.param((SIGNED, SHOWN, ALONE), False, id="a signature, a key, and nothing"),
    ],
)
def test_the_origin_is_asserted_where_it_rests_on_a_word_alone(
    origins: tuple[tuple[Assurance, bool], ...], *, asserted: bool
) -> None:
    envelopes = [_envelope(how, authenticated=shown) for how, shown in origins]
    assert origin_asserted(envelopes) is asserted


def test_a_person_with_a_key_has_not_shown_a_pipeline() -> None:
    assert not _envelope(Assurance.SELF, authenticated=True).authenticated


def test_what_was_recorded_before_reads_and_writes_as_it_did() -> None:
    old = _envelope(Assurance.CI, authenticated=False).model_dump(mode="json")
    assert "authenticated" not in old
    again = Envelope.model_validate_json(json.dumps(old))
    assert canonical(again.model_dump(mode="json")) == canonical(old)
    assert origin_asserted([again])


def test_that_a_key_was_shown_is_part_of_what_is_recorded() -> None:
    new = _envelope(Assurance.CI, authenticated=True)
    assert new.model_dump(mode="json")["authenticated"] is True
    assert Envelope.model_validate_json(new.model_dump_json()) == new
