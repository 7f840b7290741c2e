"""Waiver files: read with their approvals, signed by another person, listed as they stand."""

from pathlib import Path

import pytest

from assaybook.domain.errors import AssayError, UsageError
from assaybook.domain.statements import APPROVER
from assaybook.domain.trust import Trust, TrustedKey
from assaybook.ledger.keys import new_key, public_bytes
from assaybook.service.waivers import (
    approvals_beside,
    approve_waiver,
    listed_waivers,
    read_waivers,
)
from support.assessing import a_waiver, at

KEY = new_key()
TRUST = Trust(
    keys=(TrustedKey(person="mara", name="Mara", roles=(APPROVER,), key=public_bytes(KEY)),)
)
TEXT = """\
waivers:
  - id: W-1
    policy: house.recall
    rule: floor
    system: s
    whole: true
    reason: It is being mended.
    requester: ada
    expires: "2026-12-01T00:00:00Z"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "waivers.yaml"
    path.write_text(TEXT)
    return path


def _sign(file: Path, **changes: object) -> Path:
    known = {"person": "mara", "answer": "yes", "key": KEY, "at": at(-1)}
    return approve_waiver(file, "W-1", **{**known, **changes})  # type: ignore[arg-type]


def test_a_waiver_without_approvals_beside_it_is_pending(file: Path) -> None:
    (waiver,) = read_waivers(file, TRUST)
    assert waiver.approval is None
    assert [row["state"] for row in listed_waivers([waiver], at(0))] == ["pending"]


def test_an_approval_is_put_beside_the_file_and_puts_the_waiver_in_force(file: Path) -> None:
    beside = _sign(file)
    assert beside == approvals_beside(file)
    (row,) = listed_waivers(read_waivers(file, TRUST), at(0))
    assert (row["state"], row["approver"], row["rows"]) == ("in_force", "mara", "whole")
    assert [one["state"] for one in listed_waivers(read_waivers(file, TRUST), at(11))] == [
        "expired"
    ]


def test_a_later_no_stands_beside_the_yes_and_revokes_it(file: Path) -> None:
    _sign(file)
    beside = _sign(file, answer="no", at=at(-0.5))
    assert len(beside.read_text().splitlines()) == 2
    waivers = read_waivers(file, TRUST)
    assert [row["state"] for row in listed_waivers(waivers, at(0))] == ["revoked"]
    assert [row["state"] for row in listed_waivers(waivers, at(-0.75))] == ["in_force"]


def test_a_changed_waiver_needs_a_new_approval(file: Path) -> None:
    _sign(file)
    file.write_text(TEXT.replace("2026-12-01", "2036-12-01"))
    assert read_waivers(file, TRUST)[0].approval is None


@pytest.mark.parametrize("person", ["ada", "Ada"])
def test_the_requester_cannot_sign(file: Path, person: str) -> None:
    with pytest.raises(UsageError) as caught:
        _sign(file, person=person)
    assert caught.value.code == "waiver-self-approved"
    assert not approvals_beside(file).exists()


def test_an_unknown_waiver_is_named_with_those_that_there_are(file: Path) -> None:
    with pytest.raises(UsageError) as caught:
        approve_waiver(file, "W-2", person="mara", answer="yes", key=KEY, at=at(0))
    assert (caught.value.code, "W-1" in caught.value.hint) == ("waiver-unknown", True)


def test_an_approval_by_a_key_that_does_not_count_leaves_the_waiver_pending(file: Path) -> None:
    _sign(file, key=new_key())
    (row,) = listed_waivers(read_waivers(file, TRUST), at(0))
    assert (row["state"], row["approver"]) == ("pending", "mara")
    assert "not verified" in str(row["note"])


def test_approvals_that_cannot_be_read_are_an_error(file: Path) -> None:
    approvals_beside(file).write_bytes(b"{}\n")
    with pytest.raises(AssayError) as caught:
        read_waivers(file, TRUST)
    assert caught.value.where.endswith(":1")


def test_blank_lines_beside_a_waiver_file_are_nothing(file: Path) -> None:
    _sign(file)
    beside = approvals_beside(file)
    beside.write_bytes(b"\n" + beside.read_bytes() + b"  \n")
    assert read_waivers(file, TRUST)[0].approval is not None


def test_a_listing_says_what_a_waiver_hangs_on() -> None:
    hanging = a_waiver(compensating="house.other/r", rows=("slice=f",))
    (row,) = listed_waivers([hanging], at(0))
    assert (row["state"], row["note"]) == ("in_force", "only while house.other/r passes")
    assert row["rows"] == ["slice=f"]
    (pending,) = listed_waivers([a_waiver(approval=None)], at(0))
    assert (pending["approver"], pending["note"]) == (None, "nobody has approved it")
