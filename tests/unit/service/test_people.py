"""Persons count by verified signature alone: attestations and approvals of waivers."""

from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import pytest

from assaybook.domain.canonical import digest_of
from assaybook.domain.documents import Evidence
from assaybook.domain.errors import AssayError, SubmitterError
from assaybook.domain.facts import Attestation
from assaybook.domain.policy import Assurance
from assaybook.domain.statements import APPROVER, ApprovalStatement, AttestationStatement
from assaybook.domain.trust import Trust, TrustedKey
from assaybook.domain.waiver import Approval, Waiver
from assaybook.ledger.dsse import sign
from assaybook.ledger.keys import new_key, public_bytes, public_text
from assaybook.service.people import (
    STATEMENT_FORMAT,
    approved,
    read_trust,
    signed_statement,
    verified_evidence,
    waiver_digest,
)
from support.assessing import a_waiver, at
from support.evidence import a_document, a_fact

MARA, BEN, ADA = new_key(), new_key(), new_key()
ROLES = ("release-approver", APPROVER)


def _key(person: str, key: object, **changes: object) -> TrustedKey:
    known = {"person": person, "name": person.title(), "roles": ROLES, "key": public_bytes(key)}  # type: ignore[arg-type]
    return TrustedKey(**{**known, **changes})  # type: ignore[arg-type]


TRUST = Trust(keys=(_key("mara", MARA), _key("ben", BEN), _key("ada", ADA)))


def _statement(**changes: object) -> AttestationStatement:
    known = {
        "policy": "house.recall",
        "rule": "asked",
        "answer": "yes",
        "role": "release-approver",
        "person": "mara",
        "system": "s",
        "release": "1",
        "signed_at": at(-2),
    }
    return AttestationStatement(**{**known, **changes})  # type: ignore[arg-type]


def _evidence(raw: bytes, person: str | None = None, **document: object) -> Evidence:
    fact = a_fact("attestation", policy="house.recall", rule="asked", person=person, answer="yes")
    known: dict[str, Any] = {"format": STATEMENT_FORMAT, **document}
    found = a_document(fact, **known)
    envelope = found.envelope.model_copy(update={"blob": digest_of(raw)})
    return found.model_copy(update={"envelope": envelope})


def _verified(raw: bytes, trust: Trust = TRUST) -> Evidence:
    (found,) = verified_evidence([_evidence(raw)], {digest_of(raw): raw}, trust)
    return found


def _person(found: Evidence) -> str | None:
    (fact,) = found.facts
    assert isinstance(fact, Attestation)
    return fact.person


def _why(found: Evidence) -> str:
    return " ".join(one.message for one in found.envelope.warnings)


def test_a_verified_signature_names_the_person_and_the_role() -> None:
    found = _verified(signed_statement(_statement(), MARA))
    (fact,) = found.facts
    assert isinstance(fact, Attestation)
    assert (fact.person, fact.role) == ("mara", "release-approver")
    assert (found.envelope.assurance, _why(found)) == (Assurance.SIGNED, "")


@pytest.mark.parametrize(
    ("raw", "trust", "why"),
    [
        pytest.param(signed_statement(_statement(), new_key()), TRUST, "no key of mara", id="key"),
        pytest.param(signed_statement(_statement(), BEN), TRUST, "no key of mara", id="another's"),
        pytest.param(signed_statement(_statement(), MARA), Trust(), "no key", id="no trust"),
        pytest.param(
            signed_statement(_statement(role="owner"), MARA), TRUST, "the role owner", id="role"
        ),
        pytest.param(
            signed_statement(_statement(person="eve"), MARA), TRUST, "no key of eve", id="name"
        ),
        pytest.param(
            signed_statement(_statement(), MARA),
            Trust(keys=(_key("mara", MARA, valid_from=at(-1)),)),
            "no key of mara that counts",
            id="a key that counts only later",
        ),
        pytest.param(
            signed_statement(_statement(), MARA),
            Trust(keys=(_key("mara", MARA, valid_until=at(-2)),)),
            "no key of mara that counts",
            id="a key that stopped counting at that instant",
        ),
        pytest.param(
            signed_statement(_statement(signed_at=at(0.01)), MARA),
            TRUST,
            "signed after it was received",
            id="signed in the future",
        ),
        pytest.param(sign("text/plain", b"{}", MARA, "mara"), TRUST, "text/plain", id="type"),
        pytest.param(b"{}", TRUST, "no signed envelope", id="no envelope"),
        pytest.param(
            signed_statement(
                ApprovalStatement(
                    waiver=digest_of(b""), id="W", answer="yes", person="mara", signed_at=at(-2)
                ),
                MARA,
            ),
            TRUST,
            "not a statement of this kind",
            id="an approval of a waiver",
        ),
    ],
)
def test_what_cannot_be_verified_names_nobody_and_says_why(
    raw: bytes, trust: Trust, why: str
) -> None:
    found = _verified(raw, trust)
    assert _person(found) is None
    assert found.envelope.assurance is Assurance.CI
    assert why in _why(found)


def test_a_clock_that_is_a_little_ahead_is_forgiven() -> None:
    soon = at(250 / 86_400)
    assert _person(_verified(signed_statement(_statement(signed_at=soon), MARA))) == "mara"


def test_a_document_whose_bytes_are_gone_names_nobody() -> None:
    (found,) = verified_evidence([_evidence(b"gone", person="mara")], {}, TRUST)
    assert (_person(found), "not at hand" in _why(found)) == (None, True)


def test_no_adapter_can_claim_a_person() -> None:
    claimed = _evidence(b"x", person="mara", format="third-party")
    (found,) = verified_evidence([claimed], {}, TRUST)
    assert _person(found) is None
    mixed = a_document(a_fact("review", reference="r"), *claimed.facts, format="third-party")
    (both,) = verified_evidence([mixed], {}, TRUST)
    assert [getattr(fact, "person", None) for fact in both.facts] == [None, None]


def test_only_attestations_take_the_person_of_a_statement() -> None:
    raw = signed_statement(_statement(), MARA)
    plain = _evidence(raw)
    mixed = plain.model_copy(update={"facts": (a_fact("review", reference="r"), *plain.facts)})
    (found,) = verified_evidence([mixed], {digest_of(raw): raw}, TRUST)
    assert [getattr(fact, "person", None) for fact in found.facts] == [None, "mara"]


def test_other_evidence_passes_untouched() -> None:
    other = a_document(a_fact("review", reference="r"))
    assert verified_evidence([other], {}, TRUST) == (other,)


def test_a_person_with_two_keys_may_sign_with_the_one_that_counts() -> None:
    keys = (_key("mara", BEN, valid_until=at(-9)), _key("mara", MARA, valid_from=at(-9)))
    raw = signed_statement(_statement(), MARA)
    assert _person(_verified(raw, Trust(keys=keys))) == "mara"


WAIVER = a_waiver(approval=None)


def _word(
    person: str = "mara",
    answer: Literal["yes", "no"] = "yes",
    when: datetime | None = None,
    waiver: Waiver = WAIVER,
) -> bytes:
    key = {"mara": MARA, "ben": BEN, "ada": ADA}[person]
    statement = ApprovalStatement(
        waiver=waiver_digest(waiver),
        id=waiver.id,
        answer=answer,
        person=person,
        signed_at=when or at(-1),
    )
    return signed_statement(statement, key)


def _approved(*words: bytes, waiver: Waiver = WAIVER, trust: Trust = TRUST) -> Waiver:
    (found,) = approved([waiver], words, trust, where="approvals")
    return found


def test_a_signed_yes_of_another_person_approves() -> None:
    found = _approved(_word())
    assert found.approval == Approval(person="mara", at=at(-1), verified=True)
    assert found.revoked_at is None


def test_without_a_signed_word_an_approver_who_is_merely_named_stays_unverified() -> None:
    named = a_waiver(approval=Approval(person="mara", at=at(-3)))
    assert _approved(waiver=named).approval == Approval(person="mara", at=at(-3))


def test_an_approval_does_not_hold_for_a_changed_waiver() -> None:
    for change in ({"reason": "another"}, {"expires": at(99)}, {"releases": ("1",)}):
        changed = WAIVER.model_copy(update=change)
        assert _approved(_word(), waiver=changed).approval is None


def test_an_approval_that_the_file_names_is_no_part_of_what_is_approved() -> None:
    assert waiver_digest(WAIVER) == waiver_digest(a_waiver())


@pytest.mark.parametrize(
    "trust", [TRUST, Trust(keys=(_key("m-ada", ADA, name="Ada"), *TRUST.keys))]
)
def test_the_requester_is_not_heard_as_approver(trust: Trust) -> None:
    assert _approved(_word("ada"), trust=trust).approval is None
    both = _approved(_word("mara", when=at(-2)), _word("ada"), trust=trust)
    assert both.approval is not None
    assert both.approval.person == "mara"


def test_a_requester_who_is_named_by_name_is_the_same_person() -> None:
    waiver = a_waiver(approval=None, requester="mara")
    by_name = a_waiver(approval=None, requester="Mara")
    alias = _named(TRUST, "mara", "M. Klein")
    full = a_waiver(approval=None, requester="m. klein")
    assert _approved(_word(waiver=waiver), waiver=waiver).approval is None
    assert _approved(_word(waiver=by_name), waiver=by_name).approval is None
    assert _approved(_word(waiver=full), waiver=full, trust=alias).approval is None


def _named(trust: Trust, person: str, name: str) -> Trust:
    return Trust(
        keys=tuple(
            one.model_copy(update={"name": name}) if one.person == person else one
            for one in trust.keys
        )
    )


def test_a_later_no_revokes_from_its_instant_and_what_was_before_stays_told() -> None:
    found = _approved(_word(when=at(-3)), _word("ben", "no", at(-1)))
    assert found.approval == Approval(person="mara", at=at(-3), verified=True)
    assert found.revoked_at == at(-1)


def test_a_no_without_a_yes_revokes_too() -> None:
    assert _approved(_word(answer="no")).revoked_at == at(-1)


def test_yes_and_no_of_one_instant_are_a_no_in_any_order() -> None:
    words = [_word("mara"), _word("ben", "no")]
    assert _approved(*words).revoked_at == at(-1)
    assert _approved(*words[::-1]).revoked_at == at(-1)


def test_a_yes_after_a_no_approves_anew_from_its_own_instant() -> None:
    found = _approved(_word(when=at(-5)), _word(answer="no", when=at(-3)), _word("ben"))
    assert found.approval == Approval(person="ben", at=at(-1), verified=True)
    assert found.revoked_at is None


def test_a_second_yes_does_not_put_off_the_first() -> None:
    found = _approved(_word(when=at(-5)), _word("ben", when=at(-1)))
    assert found.approval is not None
    assert (found.approval.person, found.approval.at) == ("mara", at(-5))


def test_what_the_file_says_of_a_revocation_stands_if_it_was_earlier() -> None:
    gone = a_waiver(approval=None, revoked_at=at(-4))
    assert _approved(_word(), waiver=gone).revoked_at == at(-4)
    word = _word(answer="no", waiver=gone)
    assert _approved(word, waiver=gone).revoked_at == at(-4)


@pytest.mark.parametrize(
    ("raw", "trust"),
    [
        pytest.param(b"{}", TRUST, id="no envelope"),
        pytest.param(signed_statement(_statement(), MARA), TRUST, id="an attestation"),
    ],
)
def test_an_approval_that_cannot_be_read_is_an_error(raw: bytes, trust: Trust) -> None:
    with pytest.raises(SubmitterError):
        _approved(raw, trust=trust)


NOBODYS = {
    "another's key": Trust(keys=(_key("mara", BEN), _key("ben", BEN))),
    "no such role": Trust(keys=(_key("mara", MARA, roles=("reader",)), _key("ben", BEN))),
    "nobody is trusted": Trust(),
}


@pytest.mark.parametrize("trust", NOBODYS.values(), ids=list(NOBODYS))
def test_an_approval_of_which_nobody_can_tell_whose_it_is_stays_unverified(trust: Trust) -> None:
    assert _approved(_word(), trust=trust).approval == Approval(person="mara", at=at(-1))


def test_one_approval_that_does_not_count_takes_nothing_from_the_others() -> None:
    trust = NOBODYS["another's key"]
    other = a_waiver(approval=None, id="W-2")
    words = [_word(), _word("ben", waiver=other), _word(waiver=other, when=at(-2))]
    for found in (
        approved([WAIVER, other], each, trust, where="x") for each in (words, words[::-1])
    ):
        assert [one.approval and one.approval.verified for one in found] == [False, True]
        assert found[1].approval == Approval(person="ben", at=at(-1), verified=True)


def test_a_no_ends_a_waiver_whoever_said_it_until_a_verified_yes() -> None:
    trust = NOBODYS["another's key"]
    yes, no = _word("ben", when=at(-5)), _word("mara", "no", when=at(-3))
    assert _approved(yes, no, trust=trust).revoked_at == at(-3)
    again = _approved(yes, no, _word("ben", when=at(-2)), trust=trust)
    assert (again.approval, again.revoked_at) == (
        Approval(person="ben", at=at(-2), verified=True),
        None,
    )
    claimed = _approved(yes, no, _word("mara", when=at(-2)), trust=trust)
    assert claimed.revoked_at == at(-3)


def test_a_trust_file_gives_persons_with_keys_roles_and_their_time(tmp_path: Path) -> None:
    path = tmp_path / "trust.yaml"
    path.write_text(
        "persons:\n"
        "  - id: mara\n    name: Mara Klein\n    roles: [release-approver]\n"
        f"    key: {public_text(MARA)}\n    valid_from: '2026-01-01T00:00:00Z'\n"
    )
    trust = read_trust(path)
    assert trust.holders() == {public_bytes(MARA): "mara"}
    assert trust.roles_at("mara", at(0)) == {"release-approver"}
    assert trust.roles_at("mara", at(-3650)) == frozenset()
    path.write_text("persons: []\n")
    with pytest.raises(AssayError):
        read_trust(path)
