"""The index of a technical file: the nine points of Annex IV, and what this pack has for each."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from assaybook.domain.control import Catalog
from assaybook.domain.finding import Disposition, Finding, Outcome
from assaybook.reporting.context import Context, evidence_ids
from assaybook.reporting.pages import AnnexLine, AnnexPage
from assaybook.reporting.parts import Part, State
from assaybook.reporting.words import count, listed

ACT: Final = "eu-ai-act"
ANNEX: Final = "Annex IV"
_STATES: Final = (
    State(key="fail", mark="✗", word="Not met"),
    State(key="inc", mark="⯑", word="Not determined"),
    State(key="supported", mark="✔", word="Attested"),
    State(key="pass", mark="✓", word="Evidence"),
    State(key="na", mark="⊖", word="Related only"),
    State(key="unc", mark="◌", word="Missing"),
)
_NOT_MET, _OPEN, _ATTESTED, _EVIDENCE, _RELATED, _MISSING = _STATES
_NAMED: Final = 5


def annex_page(context: Context) -> AnnexPage:
    """Return one line for each point of the annex, as the catalog of the act numbers them."""
    catalog = context.source.catalogs.get(ACT)
    if catalog is None or ANNEX not in catalog.by_id:
        lead = "Not made: the catalog of the EU AI Act is not at hand."
        return AnnexPage(lead=lead, parts=(), lines=(), note="")
    lines = tuple(_point(context, catalog, each.id) for each in catalog.children(ANNEX))
    found = Counter(line.state.word for line in lines)
    missing = found[_MISSING.word] + found[_RELATED.word]
    return AnnexPage(
        lead=f"{len(lines) - missing} of {len(lines)} points of the technical file are judged by "
        f"a rule; {missing} are not.",
        parts=tuple(
            Part(state=state, count=found[state.word]) for state in _STATES if found[state.word]
        ),
        lines=lines,
        note="Related only: a crosswalk relates controls of this pack to the point; their evidence "
        "could be used again, and proves nothing here. Missing: nothing in this pack speaks of it.",
    )


def _point(context: Context, catalog: Catalog, point: str) -> AnnexLine:
    below = {each.id for each in catalog.judgeable(point)} | {point}
    direct = [
        finding
        for control in sorted(below)
        for finding in context.by_control.get((ACT, control), ())
    ]
    related = tuple(dict.fromkeys(_related(context, below)))
    state = _direct_state(context, direct) if direct else _RELATED if related else _MISSING
    return AnnexLine(
        id=point,
        title=catalog.by_id[point].title,
        state=state,
        told=_told(context, direct) if direct else _reusable(context, related),
    )


def _direct_state(context: Context, findings: list[Finding]) -> State:
    outcomes = {each.outcome for each in findings}
    if any(
        each.outcome is Outcome.FAIL and each.disposition is Disposition.OPEN for each in findings
    ):
        return _NOT_MET
    if outcomes != {Outcome.PASS}:
        return _OPEN
    asked = all((each.policy, each.rule) in context.attested for each in findings)
    return _ATTESTED if asked else _EVIDENCE


def _told(context: Context, findings: list[Finding]) -> str:
    labels = dict.fromkeys(context.label(each) for each in findings)
    return f"{listed(labels, most=_NAMED)}: {_documents(context, findings)}"


def _related(context: Context, below: set[str]) -> Iterator[tuple[str, str]]:
    """Yield the judged controls of this pack that a crosswalk relates to a point or its parts."""
    for crosswalk in context.source.crosswalks:
        for row in crosswalk.rows:
            if crosswalk.target == ACT and row.target in below:
                yield crosswalk.source, row.source
            if crosswalk.source == ACT and row.source in below:
                yield crosswalk.target, row.target


def _reusable(context: Context, related: tuple[tuple[str, str], ...]) -> str:
    judged = [key for key in related if context.by_control.get(key)]
    if not related:
        return "Nothing"
    if not judged:
        return f"{listed([control for _, control in related], most=_NAMED)}; no rule bears on them"
    passing = [
        finding
        for key in judged
        for finding in context.by_control[key]
        if finding.outcome is Outcome.PASS
    ]
    names = listed([control for _, control in judged], most=_NAMED)
    return f"{names}: {_documents(context, passing)}"


def _documents(context: Context, findings: list[Finding]) -> str:
    labels = dict.fromkeys(
        context.documents[each][0]
        for finding in findings
        for each in evidence_ids(finding)
        if each in context.documents
    )
    named = listed(sorted(labels), most=_NAMED)
    return f"{count(len(labels), 'document')} ({named})" if labels else "no document that passes"
