"""The record behind the findings: the evidence index, and the limits of it all."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from assaybook.domain.control import Catalog
from assaybook.domain.documents import Evidence
from assaybook.domain.evidence import Envelope
from assaybook.domain.finding import Outcome, Standing
from assaybook.reporting.context import Context
from assaybook.reporting.pages import (
    EvidenceLine,
    EvidencePage,
    LimitsPage,
    Strip,
    StripKey,
    StripLine,
    Uncovered,
)
from assaybook.reporting.parts import Pair, Share
from assaybook.reporting.refused import refused_lines, refused_note
from assaybook.reporting.words import (
    assurance_mark,
    catalog_name,
    count,
    grouped,
    listed,
    moment,
    of,
    reason_sentence,
    reason_word,
    sentence_case,
    short_day,
    shortened,
)

_GROUPS: Final = 8
"""Beyond so many groups, how controls are judged is drawn for the framework as a whole."""
_DAY: Final = 86_400
_TITLES: Final = 120
"""Beyond so many uncovered controls in a framework, ids stand without their titles."""


def evidence_page(context: Context) -> EvidencePage:
    """Return the evidence index with whole digests."""
    documents = context.listed
    used = sum(each.envelope.id in context.used_by for each in documents)
    lead = (
        f"{sentence_case(of(used, len(documents)))} documents decided a finding. "
        "A digest is the SHA-256 of the bytes received."
        if documents
        else "No document was submitted, so nothing could be shown."
    )
    return EvidencePage(
        lead=lead,
        strip=_strip(context, documents),
        documents=tuple(_line(context, each) for each in documents),
        apart=context.apart,
    )


def _strip(context: Context, documents: tuple[Evidence, ...]) -> Strip | None:
    """Return the newest document of each format with its age; None without a document."""
    newest: dict[str, Evidence] = {}
    for each in documents:
        held = newest.get(each.envelope.format)
        if held is None or (_rank(context, each)) > _rank(context, held):
            newest[each.envelope.format] = each
    if not newest:
        return None
    lines = tuple(_strip_line(context, each) for _, each in sorted(newest.items()))
    aged = sum(each.key == "stale" for each in lines)
    open_ = f"; {aged} of them {'has' if aged == 1 else 'have'} nothing that counts" if aged else ""
    return Strip(
        caption=f"The newest document of {count(len(lines), 'format')}, those that count "
        f"first{open_}.",
        as_of=short_day(context.source.as_of),
        span=max((each.days for each in lines if each.days is not None), default=0.0),
        lines=lines,
    )


def _rank(context: Context, document: Evidence) -> tuple[bool, datetime, str]:
    """Rank what counts before what does not, then the newer before the older."""
    envelope = document.envelope
    dated = envelope.produced_at or envelope.observed_at or envelope.received_at
    return (envelope.id in context.used_by, dated, envelope.id)


def _strip_line(context: Context, document: Evidence) -> StripLine:
    envelope = document.envelope
    dated = envelope.produced_at or envelope.observed_at
    days = None if dated is None else (context.source.as_of - dated).total_seconds() / _DAY
    age = "undated" if days is None else count(int(max(days, 0)), "day")
    reasons = context.reasons_left_out.get(envelope.id, ())
    key: StripKey
    if envelope.id in context.used_by:
        key, told = "pass", f"{age}, counts"
    elif reasons:
        key, told = "stale", f"{age}, {listed([reason_word(each) for each in reasons], most=1)}"
    else:
        key, told = "unc", f"{age}, not asked for"
    return StripLine(
        name=f"{context.documents[envelope.id][0]} {envelope.format}",
        key=key,
        days=None if days is None else max(days, 0.0),
        told=told,
    )


def _line(context: Context, document: Evidence) -> EvidenceLine:
    envelope = document.envelope
    label = context.documents[envelope.id][0]
    dated = envelope.produced_at or envelope.observed_at
    used_by = context.used_by.get(envelope.id, ())
    return EvidenceLine(
        label=label,
        anchor=label.lower(),
        id=envelope.id,
        name=shortened(envelope.name or envelope.format, 70),
        made_by=_made_by(envelope),
        digest=grouped(envelope.blob),
        assurance=envelope.assurance.value,
        assurance_mark=assurance_mark(envelope.assurance),
        received=short_day(envelope.received_at),
        produced=short_day(dated) if dated else "undated",
        used_by=listed(used_by, most=4) or "no finding",
        remarks=tuple(_remarks(context, document)),
    )


def _made_by(envelope: Envelope) -> str:
    """Return the format of a document and its maker; a tool's own format is said once."""
    tool, version = envelope.producer.tool, shortened(envelope.producer.version, 50)
    by = f" by {shortened(tool, 50)}" if tool and tool != envelope.format else ""
    return f"{envelope.format}{by} {version}".strip()


def _remarks(context: Context, document: Evidence) -> Iterator[str]:
    envelope = document.envelope
    if envelope.blob in context.source.erased:
        reason = context.source.erased[envelope.blob].rstrip(".")
        yield f"Bytes erased on purpose ({reason}); digest and proof stay."
    if envelope.id in context.source.log:
        yield f"Entry {context.source.log[envelope.id]} of the ledger."
    if envelope.malformed:
        yield "Only a part of it could be read."
    if envelope.declared:
        yield f"Added by the submitter: {listed([d.replace('_', ' ') for d in envelope.declared])}."
    if envelope.redactions:
        yield f"Removed before storing: {listed(envelope.redactions)}."
    for warning in envelope.warnings[:3]:
        yield shortened(warning.message, 160)


def limits_page(context: Context) -> LimitsPage:
    """Return what was not looked at, not counted, not read and not used."""
    return LimitsPage(
        lead="This page says what was not looked at, and what was not counted.",
        uncovered=tuple(
            _uncovered(context, each.catalog) for each in context.source.assessment.conclusion
        ),
        left_out=_left_out(context),
        refused=refused_lines(context),
        refused_note=refused_note(context),
        unused=_unused(context),
        apart=context.apart,
        assumptions=tuple(_assumptions(context)),
        unprintable="",
    )


def _left_out(context: Context) -> tuple[Pair, ...]:
    """Return what some rule did not count, by reason and findings; each document is named."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    for finding in context.findings:
        for each in finding.left_out:
            if each.evidence not in context.elsewhere:
                key = (each.evidence, each.code)
                found.setdefault(key, {})[context.label(finding)] = None
    alike: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for (evidence, code), labels in found.items():
        alike.setdefault((code, tuple(labels)), []).append(context.name_of(evidence))
    return tuple(
        Pair(
            name=sentence_case(reason_word(code)),
            text=f"{listed(names, most=len(names))}, for {listed(labels, most=len(labels))}. "
            f"{reason_sentence(code)}",
        )
        for (code, labels), names in alike.items()
    )


def _unused(context: Context) -> tuple[Pair, ...]:
    """Return the files that no rule used, by reason, without those that are named above."""
    named = {each.evidence for finding in context.findings for each in finding.left_out}
    found: dict[str, list[str]] = {}
    for each in context.source.assessment.unused:
        if each.evidence not in context.elsewhere and each.evidence not in named:
            known = each.evidence in context.documents
            name = context.name_of(each.evidence) if known else shortened(each.name, 60)
            found.setdefault(shortened(each.why, 240), []).append(name)
    return tuple(
        Pair(name=listed(names, most=len(names)), text=sentence_case(why))
        for why, names in found.items()
    )


def _uncovered(context: Context, catalog: str) -> Uncovered:
    known = context.source.catalogs.get(catalog)
    judged = known and {control.id for control in known.judgeable()}
    standings = {
        key: each
        for key, each in context.standings.get(catalog, {}).items()
        if judged is None or key in judged
    }
    bare = [key for key, each in standings.items() if each.standing is Standing.NOT_COVERED]
    applicable = sum(each.standing is not Standing.NOT_APPLICABLE for each in standings.values())
    lack = "has no rule that judges it" if len(bare) == 1 else "have no rule that judges them"
    return Uncovered(
        framework=catalog_name(catalog),
        note=f"{of(len(bare), applicable)} applicable controls {lack}.",
        shares=tuple(_shares(context, known)) if known is not None else (),
        controls=tuple(_bare(known, set(bare)))
        if known is not None
        else tuple(Pair(name=key, text="") for key in bare),
    )


def _bare(catalog: Catalog, bare: set[str]) -> Iterator[Pair]:
    for group in catalog.heat_map():
        held = [control for control in group.controls if control.id in bare]
        if held:
            name = f"{group.group.id} {group.group.title}" if group.group else "Without a group"
            titled = [f"{c.id} {c.title}" if len(bare) <= _TITLES else c.id for c in held]
            yield Pair(name=name, text="; ".join(titled))


def _shares(context: Context, catalog: Catalog) -> Iterator[Share]:
    standings = context.standings.get(catalog.id, {})
    found: dict[str, list[int]] = {}
    for group in catalog.heat_map():
        name = group.top.id if group.top else "All controls"
        for control in group.controls:
            standing = standings.get(control.id)
            if standing is not None and standing.standing is not Standing.NOT_APPLICABLE:
                place = _judged_by(context, catalog.id, control.id)
                found.setdefault(name, [0, 0, 0])[place] += 1
    if len(found) > _GROUPS:
        found = {"All controls": [sum(counts) for counts in zip(*found.values(), strict=True)]}
    for name, (rule, person, nothing) in found.items():
        yield Share(name=name, by_rule=rule, by_person=person, by_nothing=nothing)


def _judged_by(context: Context, catalog: str, control: str) -> int:
    """Return 0 for a rule over evidence, 1 for a person alone, 2 for nothing."""
    judged = [
        finding
        for finding in context.by_control.get((catalog, control), ())
        if finding.outcome is not Outcome.NOT_APPLICABLE
    ]
    if not judged:
        return 2
    by_person = all((each.policy, each.rule) in context.attested for each in judged)
    return 1 if by_person else 0


def _assumptions(context: Context) -> Iterator[Pair]:
    if context.is_asserted:
        yield Pair(
            name="Subject",
            text="System, release and assurance are what the submitter said; nobody was "
            "authenticated.",
        )
    declared = [each for each in context.source.evidence if each.envelope.declared]
    if declared:
        yield Pair(
            name="Declared facts",
            text=f"In {of(len(declared), len(context.source.evidence))} documents the submitter "
            "added what the format does not say; the index names it.",
        )
    yield Pair(
        name="Clock",
        text=f"Judged as of {moment(context.source.as_of)}; times in documents are their makers'.",
    )
    yield Pair(
        name="Sampling",
        text="Data sets, splits and slices are those that the evidence names; others were not "
        "looked at.",
    )
