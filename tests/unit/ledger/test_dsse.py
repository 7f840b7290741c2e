"""Signed envelopes: who signed, and nobody else."""

import base64
import json

import pytest

from assaybook.domain.errors import SubmitterError
from assaybook.ledger.dsse import opened, pae, sign
from assaybook.ledger.keys import new_key, public_bytes

KIND = "application/vnd.example+json"
ADA, BEN = new_key(), new_key()
KEYS = {public_bytes(ADA): "ada", public_bytes(BEN): "ben"}


def _changed(raw: bytes, **changes: object) -> bytes:
    return json.dumps({**json.loads(raw), **changes}).encode()


def test_what_is_signed_binds_type_and_length_as_the_protocol_says() -> None:
    assert pae("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


def test_the_holder_of_the_key_that_signed_is_the_signer() -> None:
    found = opened(sign(KIND, b"{}", ADA, "whoever"), KEYS)
    assert (found.payload, found.payload_type, found.signers) == (b"{}", KIND, ("ada",))


def test_the_name_in_an_envelope_proves_nothing() -> None:
    assert opened(sign(KIND, b"{}", new_key(), "ada"), KEYS).signers == ()


def test_several_signatures_name_several_signers_each_once() -> None:
    one, two = (json.loads(sign(KIND, b"{}", key, "x")) for key in (ADA, BEN))
    both = _changed(
        json.dumps(one).encode(), signatures=[*one["signatures"] * 2, *two["signatures"]]
    )
    assert opened(both, KEYS).signers == ("ada", "ben")


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"payload": base64.b64encode(b"[]").decode()}, id="another payload"),
        pytest.param({"payloadType": "text/plain"}, id="another type"),
        pytest.param({"signatures": [{"sig": "AAAA"}]}, id="a short signature"),
        pytest.param({"signatures": []}, id="no signature"),
    ],
)
def test_a_changed_envelope_is_signed_by_nobody(changes: dict[str, object]) -> None:
    assert opened(_changed(sign(KIND, b"{}", ADA, "ada"), **changes), KEYS).signers == ()


def test_a_key_that_is_no_point_on_the_curve_signs_nothing() -> None:
    raw = sign(KIND, b"{}", ADA, "ada")
    assert opened(raw, {b"short": "x", b"\xff" * 32: "y"}).signers == ()


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b"{}", id="no fields"),
        pytest.param(b"\xff\xfe", id="no text"),
        pytest.param(_changed(sign(KIND, b"{}", ADA, "a"), payload="*"), id="no base64"),
        pytest.param(_changed(sign(KIND, b"{}", ADA, "a"), extra=1), id="an unknown field"),
        pytest.param(
            _changed(sign(KIND, b"{}", ADA, "a"), signatures=[{"sig": "*"}]), id="a bad signature"
        ),
        pytest.param(
            _changed(sign(KIND, b"{}", ADA, "a"), signatures=[{"sig": "AA=="}] * 33),
            id="too many signatures",
        ),
        pytest.param(
            _changed(sign(KIND, b"{}", ADA, "a"), payload="\u00e9"), id="letters beyond base64"
        ),
    ],
)
def test_what_is_no_envelope_is_refused_with_its_place(raw: bytes) -> None:
    with pytest.raises(SubmitterError) as caught:
        opened(raw, KEYS, "approval.json")
    assert (caught.value.code, caught.value.where) == ("envelope-unreadable", "approval.json")
