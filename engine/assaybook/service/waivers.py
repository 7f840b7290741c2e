"""Waiver files with the approvals that stand beside them."""

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from assaybook.domain.baseline import Baseline
from assaybook.domain.errors import UsageError
from assaybook.domain.ids import same_person, written
from assaybook.domain.statements import ApprovalStatement
from assaybook.domain.trust import Trust
from assaybook.domain.waiver import Waiver, WaiverState
from assaybook.evaluation.waive import before, resolve
from assaybook.language.baseline_file import load_baseline
from assaybook.language.library import kind_of
from assaybook.language.source import Source
from assaybook.language.waiver_file import load_waivers
from assaybook.service.files import read_bytes, read_yaml, write_bytes
from assaybook.service.people import approved, signed_statement, waiver_digest

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def approvals_beside(path: Path) -> Path:
    """Return where the approvals of a waiver file stand: one envelope a line."""
    return path.with_suffix(".approvals.jsonl")


def read_waivers(path: Path, trust: Trust) -> tuple[Waiver, ...]:
    """Return the waivers of a file with their verified approvals.

    Raises:
        UsageError: ``waivers-are-baseline``.
        AssayError: the file or its approvals cannot be read, or an approval is no statement.
    """
    source = read_yaml(path)
    if kind_of(source) == "baseline":
        hint = f"See how it stands: assay waiver check {path}; check takes it with --baseline."
        raise UsageError(
            "waivers-are-baseline",
            "this is a baseline, and no list of waivers",
            where=str(path),
            hint=hint,
        )
    waivers = load_waivers(source)
    beside = approvals_beside(path)
    if not beside.exists():
        return waivers
    return approved(waivers, read_bytes(beside).splitlines(), trust, where=str(beside))


def approve_waiver(  # noqa: PLR0913 - what is signed, by whom, when
    path: Path,
    waiver_id: str,
    *,
    person: str,
    answer: Literal["yes", "no"],
    key: "Ed25519PrivateKey",
    at: datetime,
) -> Path:
    """Sign a yes or no to a waiver or a baseline, beside its file; return where that stands.

    Raises:
        AssayError: the file cannot be read, the waiver is not in it, or its requester signs.
    """
    waiver = _named(_decisions(read_yaml(path)), waiver_id, path)
    if same_person(waiver.requester, person):
        raise UsageError(
            "waiver-self-approved",
            f"{person} asked for the waiver and cannot approve it",
            where=f"{path}#{waiver_id}",
            hint="Ask another person.",
        )
    statement = ApprovalStatement(
        waiver=waiver_digest(waiver), id=waiver.id, answer=answer, person=person, signed_at=at
    )
    beside = approvals_beside(path)
    before = read_bytes(beside) if beside.exists() else b""
    line = json.dumps(json.loads(signed_statement(statement, key)), sort_keys=True).encode()
    write_bytes(beside, before + line + b"\n")
    return beside


def listed_waivers(waivers: Sequence[Waiver], as_of: datetime) -> list[dict[str, object]]:
    """Return each waiver with its state, as far as it can be told without judging."""
    rows: list[dict[str, object]] = []
    for one in waivers:
        state, note = unjudged_state(one, as_of)
        rows.append(
            {
                "id": one.id,
                "state": state.value,
                "policy": one.policy,
                "rule": one.rule,
                "rows": "whole" if one.whole else list(one.rows),
                "requester": one.requester,
                "approver": one.approval.person if one.approval else None,
                "expires": written(one.expires),
                "renewals": len(before(one, waivers)),
                "note": note,
            }
        )
    return rows


def unjudged_state(waiver: Waiver, as_of: datetime) -> tuple[WaiverState, str]:
    """Return the state of a waiver with a word on it, as far as it can be told without judging."""
    found = resolve(waiver, {}, as_of)
    if found.state is WaiverState.VOID:
        return WaiverState.IN_FORCE, f"only while {waiver.compensating} passes"
    return found.state, found.note


def _decisions(source: Source) -> Sequence[Waiver | Baseline]:
    if kind_of(source) == "baseline":
        return [load_baseline(source)]
    return load_waivers(source)


def _named(waivers: Sequence[Waiver | Baseline], waiver_id: str, path: Path) -> Waiver | Baseline:
    for one in waivers:
        if one.id == waiver_id:
            return one
    known = ", ".join(one.id for one in waivers)
    message = f"there is no waiver {waiver_id!r}"
    raise UsageError("waiver-unknown", message, where=str(path), hint=f"It holds {known}.")
