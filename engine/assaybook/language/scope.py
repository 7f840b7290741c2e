"""Scope files: the statement of applicability, and the policies that are left out."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Literal, TypeAlias

from pydantic import Discriminator, Field, Tag

from assaybook.domain.base import Frozen
from assaybook.domain.control import Catalog
from assaybook.domain.errors import AuthorError
from assaybook.domain.ids import PolicyId
from assaybook.domain.policy import AllowedGap, Policy, Scope, ScopeControl
from assaybook.language.citing import control_in
from assaybook.language.document_problems import raise_all, read_document, unknown_word
from assaybook.language.document_words import (
    OTHER_STEP,
    WORD_STEP,
    CatalogName,
    Line,
    PlainDuration,
    Prose,
    word_or_other,
)
from assaybook.language.durations import read_duration
from assaybook.language.source import Path, Source

AllOrControls: TypeAlias = Annotated[
    Annotated[Literal["all"], Tag(WORD_STEP)] | Annotated[tuple[Line, ...], Tag(OTHER_STEP)],
    Discriminator(word_or_other),
]


class ScopeControlDocument(Frozen):
    """Whether one control applies; what holds for it holds for the controls under it."""

    control: Line
    applies: bool
    reason: Prose | None = None


class GapDocument(Frozen):
    """How long one control, or any under it, may stand as not determined at a time, and why."""

    control: Line
    at_most: PlainDuration = Field(description="The longest gap, such as 7d.")
    reason: Prose = Field(description="Why; every pack of a period shows it.")


class FrameworkDocument(Frozen):
    """Which controls of one framework apply."""

    applies: Literal["all", "none"] = Field(
        default="all", description="What holds for controls without an entry."
    )
    reason: Prose | None = Field(default=None, description="Required where none apply.")
    controls: tuple[ScopeControlDocument, ...] = ()
    accept_supported: AllOrControls = Field(
        default=(), description="all, or the controls for which supported is enough."
    )
    gaps: tuple[GapDocument, ...] = Field(
        default=(), description="Gaps in the evidence that the result of a period forgives."
    )


class LeftOutDocument(Frozen):
    """A policy that is not judged, and why."""

    policy: PolicyId
    reason: Prose


class RemediationDocument(Frozen):
    """How soon a finding is to be mended after it was first seen, by its severity."""

    critical: PlainDuration | None = None
    high: PlainDuration | None = None
    medium: PlainDuration | None = None
    low: PlainDuration | None = None


class ScopeDocument(Frozen):
    """What is in scope, and why the rest is not."""

    scope: Line = Field(description="Its name.")
    frameworks: dict[CatalogName, FrameworkDocument] = Field(default_factory=dict)
    left_out: tuple[LeftOutDocument, ...] = ()
    remediate_within: RemediationDocument = RemediationDocument()


def load_scope(
    source: Source, *, catalogs: Mapping[str, Catalog], policies: Sequence[Policy]
) -> Scope:
    """Return the scope of a file.

    A framework of which nothing applies by default is written out as its roots, each with
    ``applies`` false, because an entry holds for everything under it.

    Raises:
        ProblemsError: with every fault, each at its place.
    """
    document = read_document(ScopeDocument, source)
    problems: list[AuthorError] = []
    controls: list[ScopeControl] = []
    accepted: list[str] = []
    gaps: list[AllowedGap] = []
    for name, framework in document.frameworks.items():
        path: Path = ("frameworks", name)
        if name not in catalogs:
            where = source.where_key(path)
            problems.append(unknown_word("catalog-unknown", "catalog", name, catalogs, where))
            continue
        catalog = catalogs[name]
        controls += _default_entries(framework, catalog, source, path, problems)
        controls += _entries(framework, catalog, source, path, problems)
        accepted += _accepted(framework, catalog, source, path, problems)
        gaps += _gaps(framework, catalog, source, path, problems)
    problems += _left_out_faults(document, policies, source)
    raise_all(problems)
    return Scope(
        name=document.scope,
        frameworks=tuple(document.frameworks),
        controls=tuple(controls),
        left_out={each.policy: each.reason for each in document.left_out},
        accept_supported=tuple(accepted),
        gaps=tuple(gaps),
        remediate_within=_remediation(document.remediate_within),
        source=source.values(),
    )


def _default_entries(
    framework: FrameworkDocument,
    catalog: Catalog,
    source: Source,
    path: Path,
    problems: list[AuthorError],
) -> list[ScopeControl]:
    if framework.applies == "all":
        return []
    if framework.reason is None:
        message = f"nothing of {catalog.id} applies by default, and no reason says why"
        problems.append(_unreasoned(message, source.where((*path, "applies"))))
    listed = {catalog.resolve(entry.control) for entry in framework.controls}
    reason = framework.reason or ""
    return [
        ScopeControl(catalog.id, root.id, applies=False, reason=reason)
        for root in catalog.roots()
        if root.id not in listed
    ]


def _entries(
    framework: FrameworkDocument,
    catalog: Catalog,
    source: Source,
    path: Path,
    problems: list[AuthorError],
) -> list[ScopeControl]:
    found: dict[str, ScopeControl] = {}
    for index, entry in enumerate(framework.controls):
        at = (*path, "controls", index)
        known = control_in(catalog, entry.control, source.where((*at, "control")), problems)
        if not entry.applies and entry.reason is None:
            message = f"{entry.control} is left out, and no reason says why"
            problems.append(_unreasoned(message, source.where(at)))
        if known in found:
            message = f"{entry.control} stands twice"
            problems.append(AuthorError("control-twice", message, where=source.where(at)))
        if known is not None:
            found[known] = ScopeControl(
                catalog.id, known, applies=entry.applies, reason=entry.reason or ""
            )
    return list(found.values())


def _accepted(
    framework: FrameworkDocument,
    catalog: Catalog,
    source: Source,
    path: Path,
    problems: list[AuthorError],
) -> list[str]:
    if framework.accept_supported == "all":
        return [catalog.id]
    names = [
        control_in(catalog, name, source.where((*path, "accept_supported", index)), problems)
        for index, name in enumerate(framework.accept_supported)
    ]
    return [f"{catalog.id}/{name}" for name in names if name is not None]


def _gaps(
    framework: FrameworkDocument,
    catalog: Catalog,
    source: Source,
    path: Path,
    problems: list[AuthorError],
) -> list[AllowedGap]:
    found: dict[str, AllowedGap] = {}
    for index, entry in enumerate(framework.gaps):
        where = source.where((*path, "gaps", index, "control"))
        known = control_in(catalog, entry.control, where, problems)
        if known in found:
            message = f"{entry.control} stands twice"
            problems.append(AuthorError("control-twice", message, where=where))
        longest = read_duration(entry.at_most)
        if known is not None and longest is not None:
            found[known] = AllowedGap(catalog.id, known, longest, entry.reason)
    return list(found.values())


def _remediation(document: RemediationDocument) -> dict[str, timedelta]:
    told = {name: text for name, text in document if text is not None}
    lengths = {name: read_duration(text) for name, text in told.items()}
    return {name: length for name, length in lengths.items() if length is not None}


def _left_out_faults(
    document: ScopeDocument, policies: Sequence[Policy], source: Source
) -> list[AuthorError]:
    known = [policy.id for policy in policies]
    problems: list[AuthorError] = []
    for index, entry in enumerate(document.left_out):
        where = source.where(("left_out", index, "policy"))
        if entry.policy not in known:
            problems.append(unknown_word("policy-unknown", "policy", entry.policy, known, where))
        if any(entry.policy == other.policy for other in document.left_out[:index]):
            message = f"the policy {entry.policy} is left out twice"
            problems.append(AuthorError("policy-twice", message, where=where))
    return problems


def _unreasoned(message: str, where: str) -> AuthorError:
    return AuthorError(
        "reason-missing", message, where=where, hint="Add reason: with a sentence for the auditor."
    )
