"""An answer is signed for one rule, one release and its artifacts."""

import pytest

from assaybook.domain.errors import UsageError
from assaybook.domain.statements import PAYLOAD_TYPE, AttestationStatement
from assaybook.ledger.dsse import opened
from assaybook.ledger.keys import new_key, public_bytes
from assaybook.service.attest import Answer, asked_rule, attest, policy_named
from support.assessing import FLOOR, a_policy, approval_rule, at
from support.evidence import a_subject

POLICY = a_policy(FLOOR, approval_rule())


def test_a_signed_answer_names_rule_role_release_and_artifacts() -> None:
    key = new_key()
    said = Answer("mara", "yes", at(-1), at(9))
    found = opened(attest(POLICY, "asked", a_subject(), said, key), {public_bytes(key): "mara"})
    assert (found.payload_type, found.signers) == (PAYLOAD_TYPE, ("mara",))
    statement = AttestationStatement.model_validate_json(found.payload)
    assert (statement.policy, statement.rule, statement.role) == (
        "house.recall",
        "asked",
        "approver",
    )
    assert (statement.system, statement.release) == ("s", "1")
    assert [one.kind for one in statement.artifacts] == ["model", "dataset"]
    assert (statement.signed_at, statement.valid_until) == (at(-1), at(9))


def test_only_a_rule_that_asks_persons_can_be_answered() -> None:
    for rule, code in (("floor", "rule-not-attested"), ("other", "rule-unknown")):
        with pytest.raises(UsageError) as caught:
            asked_rule(POLICY, rule)
        assert (caught.value.code, "asked" in caught.value.hint) == (code, True)
    with pytest.raises(UsageError, match="no such rule") as caught:
        asked_rule(a_policy(), "other")
    assert "none" in caught.value.hint


def test_a_policy_is_found_by_its_id() -> None:
    assert policy_named([POLICY], "house.recall") is POLICY
    for name, hint in (("house.recal", "house.recall"), ("zzz", "assay policy list")):
        with pytest.raises(UsageError) as caught:
            policy_named([POLICY], name)
        assert (caught.value.code, hint in caught.value.hint) == ("policy-unknown", True)
