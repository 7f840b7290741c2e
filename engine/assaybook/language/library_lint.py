"""Lint: every document of some files and folders read, and every problem with them told.

A problem makes a document unusable; a warning is advice that changes no verdict.
"""

from collections.abc import Sequence
from dataclasses import field
from pathlib import Path
from typing import Final

from assaybook.domain.errors import AuthorError
from assaybook.domain.policy import Policy
from assaybook.domain.record import draft
from assaybook.language.build import References, build_policy
from assaybook.language.document import DocumentKind
from assaybook.language.document_problems import ProblemsError, problems_of
from assaybook.language.library import (
    CASES,
    Folder,
    Found,
    Loaded,
    kind_of,
    read_policies,
)
from assaybook.language.rules.advice import advice, overlay_advice
from assaybook.language.source import Source, read_file

_FIRST_HINT: Final = "Write a case that passes; assay policy test DIR --suggest adds the rest."
_CASES_HINT: Final = "assay policy test DIR --suggest writes cases at each boundary, for review."


@draft
class Linted:
    """What was read, as files with their kinds; the policies; and what is wrong."""

    files: list[tuple[str, DocumentKind]] = field(default_factory=list)
    loaded: list[Loaded] = field(default_factory=list)
    problems: list[AuthorError] = field(default_factory=list)
    warnings: list[AuthorError] = field(default_factory=list)
    unread_cases: set[str] = field(default_factory=set)
    """Policies that were named alone, and have cases beside them that nobody asked about."""


def lint(
    folders: Sequence[Folder], files: Sequence[Found], known: References, shipped: Folder
) -> Linted:
    """Read folders and single files as what they are.

    Overlays and scopes are judged against the policies that were named, and against the shipped
    ones where none was.
    """
    linted = Linted()
    library, problems = read_policies(folders, known, with_cases=True)
    linted.problems += problems
    linted.loaded += library.loaded
    for each in library.loaded:
        linted.files.append((each.file, "policy"))
        if each.cases is not None:
            linted.files.append((each.cases.file, "cases"))
    others: list[tuple[Source, DocumentKind]] = []
    for found in (*(found for found, _kind in library.others), *files):
        try:
            _lint_file(found, known, linted, others)
        except AuthorError as error:
            linted.problems += problems_of(error)
    if others:
        policies = [each.policy for each in linted.loaded]
        if not policies and not linted.problems:
            policies = list(read_policies([shipped], known)[0].policies)
        _lint_others(others, policies, known, linted)
    for one in linted.loaded:
        linted.warnings += advice(one.policy, one.source)
        _warn_of_cases(one, linted)
    if linted.warnings:
        linted.warnings = list(ProblemsError(linted.warnings).problems)
    if linted.problems:
        linted.problems = list(ProblemsError(linted.problems).problems)
    return linted


def _lint_file(
    found: Found,
    known: References,
    linted: Linted,
    others: list[tuple[Source, DocumentKind]],
) -> None:
    source = read_file(found.file, found.name)
    kind = kind_of(source)
    if found.path.endswith(CASES) or kind == "cases":
        linted.files.append((found.name, "cases"))
        others.append((source, "cases"))
    elif kind is None or kind == "policy":
        policy = build_policy(source, known)
        linted.loaded.append(Loaded(policy, found.name, None, source))
        linted.files.append((found.name, "policy"))
        if isinstance(found.file, Path) and found.file.with_suffix(CASES).is_file():
            linted.unread_cases.add(found.name)
    else:
        linted.files.append((found.name, kind))
        others.append((source, kind))


def _lint_others(
    others: Sequence[tuple[Source, DocumentKind]],
    policies: Sequence[Policy],
    known: References,
    linted: Linted,
) -> None:
    for source, kind in others:
        try:
            _read_other(source, kind, policies, known, linted)
        except AuthorError as error:
            linted.problems += problems_of(error)


def _read_other(
    source: Source,
    kind: DocumentKind,
    policies: Sequence[Policy],
    known: References,
    linted: Linted,
) -> None:
    """Read a document that is no policy; what it says is wanted by other commands."""
    from assaybook.language.baseline_file import load_baseline
    from assaybook.language.document_subject import load_subject
    from assaybook.language.document_trust import load_trust
    from assaybook.language.overlay import load_overlay
    from assaybook.language.scope import load_scope
    from assaybook.language.waiver_file import load_waivers

    match kind:
        case "overlay":
            overlay = load_overlay(source, policies=policies)
            linted.warnings += overlay_advice(overlay, source, {one.id: one for one in policies})
        case "scope":
            load_scope(source, catalogs=known.catalogs, policies=policies)
        case "waivers":
            load_waivers(source)
        case "baseline":
            load_baseline(source)
        case "system":
            load_subject(source)
        case "trust":
            load_trust(source)
        case _:
            _join(source, policies, linted)


def _join(source: Source, policies: Sequence[Policy], linted: Linted) -> None:
    from assaybook.language.cases import load_cases

    named = source.values().get("policy")
    policy = next((each for each in policies if each.id == named), None)
    if policy is None:
        message = f"the policy of these cases, {named}, is not among the files"
        hint = "Name the policy's file or folder too."
        raise AuthorError("cases-alone", message, where=source.where(("policy",)), hint=hint)
    cases = load_cases(source, policy)
    linted.loaded = [
        Loaded(policy, one.file, cases, one.source) if one.policy is policy else one
        for one in linted.loaded
    ]


def _warn_of_cases(one: Loaded, linted: Linted) -> None:
    """Warn of every rule that no case shows passing, failing or undecided."""
    beside = f"{one.file.removesuffix('.yaml')}{CASES}"
    broken = any(each.where.partition(":")[0] == beside for each in linted.problems)
    if one.cases is None and (broken or one.file in linted.unread_cases):
        return
    if one.cases is None:
        message = "no cases are beside this policy, so nobody knows what it can come to"
        where = one.source.where_key(("policy",))
        linted.warnings.append(AuthorError("cases-missing", message, where=where, hint=_FIRST_HINT))
        return
    from assaybook.language.cases import missing_cases

    for message in missing_cases(one.policy, one.cases):
        where = one.cases.file
        linted.warnings.append(AuthorError("cases-missing", message, where=where, hint=_CASES_HINT))
