"""The second verifier holds a signed statement against the keys of its person."""

import base64
import json
import sys
from collections.abc import Mapping
from typing import Any, Final

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assaybook.domain.canonical import digest_of
from assaybook.ledger import dsse
from support.verifying import second_verifier

_KIND: Final = "application/vnd.assaybook.statement+json"
_ANSWER: Final = {"answer": "yes", "person": "ann", "policy": "a.b", "rule": "c"}
_OURS, _OTHER = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2))


def _key(holder: Ed25519PrivateKey, **more: Any) -> dict[str, Any]:
    raw = holder.public_key().public_bytes_raw()
    said = {"person": "ann", "valid_from": None, "valid_until": None}
    return {**said, "key": base64.b64encode(raw).decode(), **more}


def _verdict(*keys: Mapping[str, Any], **changed: Any) -> str:
    """Return what is said of a statement of ann's, signed by our key, whose facts were changed."""
    said = {**_ANSWER, "signed_at": "2026-11-14T09:00:00Z"}
    envelope = dsse.sign(_KIND, json.dumps(said).encode(), _OURS, "ann")
    fact = {"type": "attestation", **_ANSWER, **changed}
    statement = {"evidence": "e", "envelope": base64.b64encode(envelope).decode()}
    accepted = {"id": "e", "blob": digest_of(envelope)}
    told = {
        "statements.json": {"envelopes": [statement], "keys": list(keys)},
        "facts.json": {"evidence": [{"envelope": accepted, "facts": [fact]}]},
    }
    verifier = second_verifier()
    files = {name: json.dumps(each).encode() for name, each in told.items()}
    try:
        sys.modules["verify_parts"].see_statements(files)
    except verifier.BadError as error:
        return str(error.args[0])
    return "good"


@pytest.mark.parametrize(
    ("key", "changed", "found"),
    [
        pytest.param(_key(_OURS), {}, "good", id="its person signed"),
        pytest.param(_key(_OURS, valid_from="2026-11-14T09:00:00Z"), {}, "good", id="from then on"),
        pytest.param(_key(_OTHER), {}, "statement-signature", id="another key"),
        pytest.param(_key(_OURS, person="bea"), {}, "statement-signature", id="another person"),
        pytest.param(
            _key(_OURS, valid_until="2026-11-14T09:00:00Z"), {}, "statement-signature", id="ended"
        ),
        pytest.param(
            _key(_OURS, valid_from="2026-11-15T00:00:00Z"), {}, "statement-signature", id="later"
        ),
        pytest.param(_key(_OURS), {"answer": "no"}, "statement-signature", id="another answer"),
        pytest.param(_key(_OTHER), {"person": None}, "good", id="it counted for nobody"),
    ],
)
def test_a_statement_is_by_a_key_of_its_person_that_counted(
    key: dict[str, Any], changed: dict[str, Any], found: str
) -> None:
    assert _verdict(key, **changed) == found


def test_without_keys_of_persons_who_signed_is_the_word_of_the_keeper_of_the_log() -> None:
    assert _verdict() == "good"
