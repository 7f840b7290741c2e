"""Every finding in full: sentence, outcome, reasons, rows, evidence and fix."""

from typing import Final

from assaybook.domain.finding import Finding, Outcome, ReasonShown, RowFinding
from assaybook.reporting.context import Context
from assaybook.reporting.model import FindingCard, FindingLine, FindingsPage, ReasonLine, RowLine
from assaybook.reporting.observe import observed, row_name, row_text
from assaybook.reporting.parts import Pair, State
from assaybook.reporting.words import (
    catalog_name,
    count,
    finding_state,
    listed,
    moment,
    of,
    outcome_state,
    reason_sentence,
    reason_word,
    sentence_case,
    shortened,
)

ROWS: Final = 40
REASONS: Final = 12


def is_settled(finding: Finding) -> bool:
    """Tell whether a finding asks nobody for anything: it passed, or its policy does not apply."""
    return finding.outcome in {Outcome.PASS, Outcome.NOT_APPLICABLE}


def findings_page(context: Context) -> FindingsPage:
    """Return every finding; none vanishes."""
    cards = [(finding, _card(context, finding)) for finding in context.findings]
    settled = [(f, card) for f, card in cards if is_settled(f)]
    passed = tuple(card for f, card in settled if f.outcome is Outcome.PASS)
    inapplicable = tuple(card for f, card in settled if f.outcome is not Outcome.PASS)
    undecided = tuple(card for f, card in cards if not is_settled(f))
    lead = (
        f"{sentence_case(count(len(cards), 'rule was', 'rules were'))} judged: {len(passed)} pass, "
        f"{len(undecided)} need a decision, {len(inapplicable)} do not apply."
    )
    return FindingsPage(lead=lead, open=undecided, passed=passed, inapplicable=inapplicable)


def finding_line(context: Context, finding: Finding) -> FindingLine:
    """Return a finding on one line."""
    label = context.label(finding)
    said = finding.message if finding.message and not finding.rows else finding.title
    return FindingLine(
        label=label,
        anchor=label.lower(),
        state=finding_state(finding),
        said=shortened(said, 120),
        controls=listed(dict.fromkeys(each.control for each in finding.controls), most=1),
        severity=sentence_case(finding.severity.value),
    )


def _card(context: Context, finding: Finding) -> FindingCard:
    label = context.label(finding)
    return FindingCard(
        label=label,
        anchor=label.lower(),
        title=finding.title,
        rule=f"{finding.policy}, version {finding.policy_version} / {finding.rule}",
        severity=sentence_case(finding.severity.value),
        controls=_controls(finding),
        sentence=finding.sentence,
        observed=observed(finding),
        state=finding_state(finding),
        reasons=_reasons(finding.reasons),
        rows=tuple(_row(row) for row in _worst_first(finding.rows)[:ROWS]),
        rows_note=_rows_note(finding.rows),
        evidence=context.reference(finding.evidence),
        left_out=_left_out(context, finding),
        notes=_notes(finding),
        fix=finding.fix,
    )


def _controls(finding: Finding) -> str:
    by_catalog: dict[str, list[str]] = {}
    for each in finding.controls:
        by_catalog.setdefault(each.catalog, []).append(each.control)
    return "; ".join(
        f"{catalog_name(catalog)} {listed(controls)}" for catalog, controls in by_catalog.items()
    )


def _reasons(reasons: tuple[ReasonShown, ...]) -> tuple[ReasonLine, ...]:
    """Return the reasons in their order, those that say the same together."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    for each in reasons:
        said = each.message or reason_sentence(each.code)
        found.setdefault((each.code, said), {})[each.path or "the rule"] = None
    return tuple(
        ReasonLine(word=reason_word(code), path=shortened(listed(paths, most=3), 160), text=said)
        for (code, said), paths in list(found.items())[:REASONS]
    )


def _left_out(context: Context, finding: Finding) -> tuple[Pair, ...]:
    """Return the documents that did not count, by reason."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    for each in finding.left_out:
        said = each.message or reason_sentence(each.code)
        found.setdefault((each.code, said), {})[context.name_of(each.evidence)] = None
    return tuple(
        Pair(name=f"{reason_word(code)}: {said.rstrip('.')}", text=listed(names, most=len(names)))
        for (code, said), names in found.items()
    )


def _worst_first(rows: tuple[RowFinding, ...]) -> list[RowFinding]:
    order = (Outcome.FAIL, Outcome.ERROR, Outcome.INCONCLUSIVE, Outcome.PASS)
    places = {outcome: place for place, outcome in enumerate(order)}
    return sorted(rows, key=lambda row: places.get(row.outcome, len(places)))


def _row(row: RowFinding) -> RowLine:
    state = outcome_state(row.outcome)
    if row.waived_by is not None:
        state = State(key="wv", mark="◈", word="Fail, waived")
    return RowLine(key=row_name(row, 120), state=state, observed=shortened(row_text(row), 200))


def _rows_note(rows: tuple[RowFinding, ...]) -> str:
    if len(rows) <= ROWS:
        return ""
    return f"{of(ROWS, len(rows))} rows, worst first; the findings JSON holds them all."


def _notes(finding: Finding) -> tuple[str, ...]:
    notes = [note for need in finding.needs for note in need.notes]
    notes += [
        f"Accepted as skipped in {each.question}: {listed(each.accepted_skips)}."
        for need in finding.needs
        for each in need.coverage
        if each.accepted_skips
    ]
    notes += [f"Relaxed: {each}" for each in finding.relaxed]
    if finding.waiver is not None:
        notes.append(f"Waiver {finding.waiver} bears on this finding.")
    if finding.outcome is Outcome.PASS and finding.expires_at is not None:
        notes.append(f"Holds until {moment(finding.expires_at)}; then its evidence is too old.")
    reasons = {(each.code, each.message) for each in finding.reasons}
    if len(reasons) > REASONS:
        notes.append(f"{of(REASONS, len(reasons))} reasons; the findings JSON holds them all.")
    return tuple(dict.fromkeys(notes))
