"""Waiver files: what people decided to accept for a time, and who asked for it."""

from typing import Annotated, TypeAlias

from pydantic import Field

from assaybook.domain.base import Frozen
from assaybook.domain.errors import AuthorError
from assaybook.domain.ids import PolicyId, RuleId, SystemId, Version, same_person
from assaybook.domain.waiver import Approval, Waiver
from assaybook.language.document_problems import raise_all, read_document
from assaybook.language.document_words import (
    InstantText,
    Line,
    Person,
    Prose,
    RuleOfPolicy,
    WaiverId,
)
from assaybook.language.source import Source

_Check: TypeAlias = tuple[bool, str, str, tuple[str, str]]
"""Whether it is broken, then its code, its key, and its reason and remedy."""


class WaiverDocument(Frozen):
    """One waiver. An approver named here is a claim; only a signed approval changes the gate."""

    id: WaiverId
    policy: PolicyId
    rule: RuleId
    policy_version: int | None = Field(
        default=None,
        ge=1,
        description="Version of the policy whose fail is accepted; void under another. None: any.",
    )
    system: SystemId
    releases: tuple[Version, ...] = Field(
        default=(), min_length=1, description="Without the key: every release."
    )
    rows: tuple[Line, ...] = Field(default=(), description="Keys of the rows that are accepted.")
    whole: bool = Field(default=False, description="The fail as a whole, in place of rows.")
    reason: Prose
    compensating: RuleOfPolicy | None = Field(
        default=None, description="policy/rule that must pass for the waiver to hold."
    )
    requester: Person
    approver: Person | None = None
    approved_at: InstantText | None = None
    starts: InstantText | None = None
    expires: InstantText = Field(description="The first instant at which it no longer holds.")
    revoked_at: InstantText | None = None


class WaiversDocument(Frozen):
    """A file of waivers."""

    waivers: Annotated[tuple[WaiverDocument, ...], Field(min_length=1)]


def load_waivers(source: Source) -> tuple[Waiver, ...]:
    """Return the waivers of a file.

    Raises:
        ProblemsError: with every fault, each at its place.
    """
    document = read_document(WaiversDocument, source)
    problems: list[AuthorError] = []
    seen: set[str] = set()
    for index, waiver in enumerate(document.waivers):
        path = ("waivers", index)
        if waiver.id in seen:
            problems.append(
                AuthorError(
                    "waiver-id-twice",
                    f"the waiver id {waiver.id!r} is used twice",
                    where=source.where((*path, "id")),
                    hint="Give each waiver an id of its own.",
                )
            )
        seen.add(waiver.id)
        problems += _faults(waiver, source, path)
    raise_all(problems)
    return tuple(_waiver(each) for each in document.waivers)


def _faults(
    waiver: WaiverDocument, source: Source, path: tuple[str | int, ...]
) -> list[AuthorError]:
    return [
        AuthorError(code, message, where=source.where((*path, key)), hint=hint)
        for broken, code, key, (message, hint) in (*_of_people(waiver), *_of_terms(waiver))
        if broken
    ]


def _of_people(waiver: WaiverDocument) -> tuple[_Check, ...]:
    return (
        (
            same_person(waiver.requester, waiver.approver),
            "waiver-self-approved",
            "approver",
            ("the approver is the requester", "Another person must approve it."),
        ),
        (
            (waiver.approver is None) != (waiver.approved_at is None),
            "waiver-approval-incomplete",
            "approver" if waiver.approver else "approved_at",
            (
                "an approval needs both approver and approved_at",
                "Write both, or neither and let the approver sign.",
            ),
        ),
    )


def _of_terms(waiver: WaiverDocument) -> tuple[_Check, ...]:
    return (
        (
            waiver.whole == bool(waiver.rows),
            "waiver-names-both" if waiver.rows else "waiver-names-nothing",
            "rows",
            (
                "a waiver names the rows that it accepts, or says whole: true, and not both",
                "The row keys stand in the finding.",
            ),
        ),
        (
            waiver.starts is not None and waiver.starts >= waiver.expires,
            "waiver-never-holds",
            "expires",
            ("the waiver expires before it starts", "Set expires later than starts."),
        ),
        (
            waiver.compensating == f"{waiver.policy}/{waiver.rule}",
            "waiver-compensates-itself",
            "compensating",
            ("the waived rule cannot be its own compensating rule", "Name another rule."),
        ),
    )


def _waiver(document: WaiverDocument) -> Waiver:
    approval = None
    if document.approver is not None and document.approved_at is not None:
        approval = Approval(person=document.approver, at=document.approved_at)
    written = dict(document)
    del written["approver"], written["approved_at"]
    return Waiver.model_validate({**written, "approval": approval})
