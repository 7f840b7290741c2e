"""Findings to standings of controls, and standings to a conclusion; crosswalks carry nothing."""

from collections.abc import Iterable, Mapping, Sequence

from assaybook.domain.control import Catalog, Control
from assaybook.domain.finding import (
    WORST_FIRST,
    CatalogConclusion,
    Conclusion,
    ControlStanding,
    Counts,
    Finding,
    Standing,
)
from assaybook.domain.policy import Scope, ScopeControl
from assaybook.domain.subject import Subject
from assaybook.domain.weigh import counted, weight_of


def standing_of(catalog: str, control: str, findings: Sequence[Finding]) -> Standing:
    """Return the standing of a control by the findings mapped to it; first that holds.

    ``findings`` are those that name the control. Without any, nothing was shown.
    """
    weights = {weight_of(finding) for finding in findings}
    if not findings:
        return Standing.NOT_COVERED
    if "fail" in weights:
        return Standing.NOT_MET
    if weights & {"inconclusive", "error"}:
        return Standing.NOT_DETERMINED
    if weights & {"waived", "baselined"}:
        return Standing.RISK_ACCEPTED
    passed = [finding for finding in findings if weight_of(finding) == "pass"]
    if not passed:
        return Standing.NOT_APPLICABLE
    reach = {
        link.relation
        for finding in passed
        for link in finding.controls
        if (link.catalog, link.control) == (catalog, control)
    }
    return Standing.MET if "implements" in reach else Standing.SUPPORTED


def scope_entry(catalog: Catalog, control: str, scope: Scope) -> ScopeControl | None:
    """Return what the scope says of a control: its own entry, else its nearest ancestor's."""
    entries = {one.control: one for one in scope.controls if one.catalog == catalog.id}
    at: str | None = control
    while at is not None:
        if at in entries:
            return entries[at]
        at = catalog.by_id[at].parent
    return None


def roll_up(
    findings: Sequence[Finding],
    catalogs: Sequence[Catalog],
    scope: Scope,
    subject: Subject,
) -> tuple[ControlStanding, ...]:
    """Return the standing of every judgeable control and of everything above one."""
    mapped: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        for link in finding.controls:
            mapped.setdefault((link.catalog, link.control), []).append(finding)
    found: list[ControlStanding] = []
    for catalog in catalogs:
        own = {key[1]: value for key, value in mapped.items() if key[0] == catalog.id}
        found += _of_catalog(catalog, own, scope, subject)
    return tuple(found)


def _of_catalog(
    catalog: Catalog, mapped: Mapping[str, list[Finding]], scope: Scope, subject: Subject
) -> list[ControlStanding]:
    standings: dict[str, ControlStanding] = {}
    beneath: dict[str, dict[tuple[str, str], Finding]] = {}
    for control in reversed(catalog.controls):
        direct = mapped.get(control.id, [])
        below = [standings[one.id] for one in catalog.children(control.id) if one.id in standings]
        if not (control.judgeable or direct or below):
            continue
        entry = scope_entry(catalog, control.id, scope)
        said = catalog.id in scope.frameworks if entry is None else entry.applies
        inner: dict[tuple[str, str], Finding] = {}
        for child in catalog.children(control.id):
            inner |= beneath.get(child.id, {})
        all_found = {(one.policy, one.rule): one for one in direct} | inner
        beneath[control.id] = all_found if entry is None or entry.applies else inner
        standing, reason = _standing(catalog, control, direct, below, entry, said=said)
        standings[control.id] = ControlStanding(
            catalog=catalog.id,
            control=control.id,
            system=subject.system.id,
            release=subject.release.version,
            standing=standing,
            counts=counted(all_found.values()) if all_found else Counts(),
            reason=reason,
        )
    return [standings[one.id] for one in catalog.controls if one.id in standings]


def _standing(  # noqa: PLR0913 - each is a part of what a control comes to
    catalog: Catalog,
    control: Control,
    direct: Sequence[Finding],
    below: Sequence[ControlStanding],
    entry: ScopeControl | None,
    *,
    said: bool,
) -> tuple[Standing, str]:
    """Return the worst of what rules say of a control itself and of the controls under it.

    ``said`` tells that the scope says that it applies, by an entry or since all of the framework
    does: then it is not covered where no rule was judged for it nor for anything under it.
    """
    parts = [one.standing for one in below]
    in_scope = entry is None or entry.applies
    reason = "" if entry is None or entry.applies else entry.reason
    alone = control.judgeable and _worst(parts) is Standing.NOT_APPLICABLE
    if in_scope and (direct or (alone and (said or not below))):
        own = standing_of(catalog.id, control.id, direct)
        if own is Standing.NOT_APPLICABLE and said:
            own, reason = Standing.NOT_COVERED, "the scope says it applies and no rule on it does"
        parts.append(own)
    worst = _worst(parts)
    return worst, reason if worst in {Standing.NOT_APPLICABLE, Standing.NOT_COVERED} else ""


def _worst(parts: Iterable[Standing]) -> Standing:
    return min(parts, key=WORST_FIRST.index, default=Standing.NOT_APPLICABLE)


def leaves(catalog: Catalog, standings: Sequence[ControlStanding]) -> list[ControlStanding]:
    """Return the standings that are no mere sum of others: what a conclusion counts.

    A control above others counts by itself where its own rules make it other than they are.
    """
    mine = {one.control: one for one in standings if one.catalog == catalog.id}
    found: list[ControlStanding] = []
    for one in mine.values():
        below = [mine[child.id] for child in catalog.children(one.control) if child.id in mine]
        if not below or one.standing is not _worst(each.standing for each in below):
            found.append(one)
    return found


def supported_themselves(
    findings: Sequence[Finding], catalog: Catalog, scope: Scope
) -> frozenset[str]:
    """Return the controls in scope of which their own rules show a part, whatever is under them."""
    mine: dict[str, list[Finding]] = {}
    for finding in findings:
        for link in finding.controls:
            if link.catalog == catalog.id:
                mine.setdefault(link.control, []).append(finding)
    entries = {name: scope_entry(catalog, name, scope) for name in mine}
    return frozenset(
        name
        for name, found in mine.items()
        if ((entry := entries[name]) is None or entry.applies)
        and standing_of(catalog.id, name, found) is Standing.SUPPORTED
    )


def conclude(
    catalog: Catalog,
    standings: Sequence[ControlStanding],
    scope: Scope,
    supported: Iterable[str] = (),
) -> CatalogConclusion:
    """Return the conclusion over one catalog in scope; first that holds.

    ``supported`` are the controls whose own rules only support them: one above others may stand
    as they do, and is accepted by its own name alone.
    """
    own = leaves(catalog, standings)
    counts = {state: sum(one.standing is state for one in own) for state in Standing}
    accepted = set(scope.accept_supported)
    parts = {one.control for one in own if one.standing is Standing.SUPPORTED} | set(supported)
    open_support = catalog.id not in accepted and any(
        f"{catalog.id}/{name}" not in accepted for name in parts
    )
    words = _words(counts, open_support=open_support)
    return CatalogConclusion(catalog=catalog.id, words=words, counts=counts)


def _words(counts: Mapping[Standing, int], *, open_support: bool) -> Conclusion:
    judged = sum(n for state, n in counts.items() if state is not Standing.NOT_APPLICABLE)
    if judged == 0:
        return Conclusion.NOTHING_JUDGED
    if counts[Standing.NOT_MET]:
        return Conclusion.DOES_NOT_CONFORM
    undecided = counts[Standing.NOT_DETERMINED] + counts[Standing.NOT_COVERED]
    if undecided or open_support or not counts[Standing.MET]:
        return Conclusion.NOT_DETERMINED
    return Conclusion.WITH_EXCEPTIONS if counts[Standing.RISK_ACCEPTED] else Conclusion.CONFORMS
