"""Every finding in full: sentence, outcome, reasons, rows, evidence and fix."""

from collections.abc import Set as AbstractSet
from typing import Final

from assaybook.domain.durations import duration_words
from assaybook.domain.finding import ControlReach, Finding, Outcome, ReasonShown, RowFinding
from assaybook.domain.history import is_settled
from assaybook.reporting.context import Context
from assaybook.reporting.explained import decided_paragraph
from assaybook.reporting.history import History
from assaybook.reporting.labels import behind_a_word, middle
from assaybook.reporting.model import (
    FindingCard,
    FindingLine,
    FindingsPage,
    ListedFinding,
    PlanLine,
    ReasonLine,
    RowLine,
)
from assaybook.reporting.observe import GHOST, observed, row_text, short_keys
from assaybook.reporting.parts import Pair, State
from assaybook.reporting.remedies import what_to_do
from assaybook.reporting.summary import what_is_open
from assaybook.reporting.verdicts import verdict_line
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

CARDS: Final = 24
"""Beyond so many undecided findings, the less urgent stand in a long table, one line each."""
PASSED: Final = 120
"""Beyond so many rules that pass, all of them stand there too."""
ROWS: Final = 40
PASSING: Final = 5
REASONS: Final = 12
_WIDE: Final = 30
"""Rows whose texts are shorter than so many characters stand two on a line."""
_ONE_LINE: Final = 68
_LEAST: Final = 30
_TWO_LINES: Final = 110
_UNKNOWN: Final = frozenset({Outcome.INCONCLUSIVE, Outcome.ERROR})


def findings_page(context: Context, past: History) -> FindingsPage:
    """Return every finding of the profile; none vanishes.

    What needs a decision is told in full, up to a bound, then what passes with its sentence, up
    to another; the rest has a line each.
    """
    shown, in_brief = context.shown, context.source.profile == "executive"
    undecided = [each for each in shown if not is_settled(each)]
    passed = [each for each in shown if each.outcome is Outcome.PASS]
    inapplicable = [each for each in shown if each.outcome is Outcome.NOT_APPLICABLE]
    many = len(passed) + len(inapplicable) > PASSED
    settled = [] if in_brief else [*passed, *inapplicable]
    full, rest = ([], []) if in_brief else (undecided[:CARDS], undecided[CARDS:])
    lines = [*rest, *(settled if many else [])]
    return FindingsPage(
        lead=_lead(context, len(undecided), len(passed), len(inapplicable)),
        plan=tuple(_plan(context, past, each) for each in undecided[:CARDS]),
        plan_note=_plan_note(context, len(undecided)),
        ageing=past.ageing(),
        listed=tuple(_listed(context, each) for each in lines),
        listed_note=f"{count(len(lines), 'finding')}; findings.json has them whole.",
        open=tuple(_card(context, past, each) for each in full),
        passed=() if many or in_brief else tuple(_card(context, past, each) for each in passed),
        inapplicable=()
        if many or in_brief
        else tuple(_card(context, past, each) for each in inapplicable),
    )


def _lead(context: Context, undecided: int, passed: int, inapplicable: int) -> str:
    whole, every = undecided + passed + inapplicable, len(context.findings)
    if not whole and every:
        return f"None of the {every} rules that were judged changed."
    told = (
        f"{passed} {'passes' if passed == 1 else 'pass'}, "
        f"{undecided} {'needs' if undecided == 1 else 'need'} a decision, "
        f"{inapplicable} {'does' if inapplicable == 1 else 'do'} not apply."
    )
    if context.source.profile == "executive":
        shown = " Those that need a decision are here." if undecided else ""
        return f"{sentence_case(count(every, 'rule was', 'rules were'))} judged: {told}{shown}"
    if whole < every:
        return f"{of(whole, every)} rules are shown: {told}"
    return f"{sentence_case(count(whole, 'rule was', 'rules were'))} judged: {told}"


def _plan(context: Context, past: History, finding: Finding) -> PlanLine:
    label, in_brief = context.label(finding), context.source.profile == "executive"
    return PlanLine(
        label=label,
        anchor=label.lower(),
        state=finding_state(finding),
        title=_claim(context, finding, _TWO_LINES),
        said=_found(finding, _ONE_LINE if in_brief else _TWO_LINES),
        verdict=verdict_line(finding) if in_brief else "",
        severity=sentence_case(finding.severity.value),
        age=past.age(finding),
        due=sentence_case(past.due(finding)),
        overdue=past.remediation(finding).overdue,
        plan=behind_a_word(what_to_do(finding), 180) or "The policy does not say.",
    )


def _plan_note(context: Context, undecided: int) -> str:
    owner = context.source.subject.system.owner
    who = f"Owner of each: {owner}, as owner of the system." if owner else "No owner is recorded."
    more = f" {undecided - CARDS} more need a decision too." if undecided > CARDS else ""
    within = context.source.bundle.scope.remediate_within
    told = [f"{name} ones within {duration_words(length)}" for name, length in within.items()]
    due = f" The scope asks to mend {listed(told)} of being first seen." if told else ""
    dates = "" if told else "due date, "
    nothing = f"No {dates}management response or retest"
    return f"{who}{due} {nothing} is recorded.{more}"


def _listed(context: Context, finding: Finding) -> ListedFinding:
    label = context.label(finding)
    documents = [each.label for each in context.reference(finding.evidence)]
    return ListedFinding(
        label=label,
        anchor=label.lower(),
        state=finding_state(finding),
        verdict=verdict_line(finding),
        severity=sentence_case(finding.severity.value),
        observed=shortened(observed(finding), 90),
        evidence=listed(documents, most=3) or "none counted",
    )


def finding_line(context: Context, finding: Finding) -> FindingLine:
    """Return a finding on one line."""
    label = context.label(finding)
    return FindingLine(
        label=label,
        anchor=label.lower(),
        state=finding_state(finding),
        title=_claim(context, finding, _ONE_LINE),
        said=_found(finding, _ONE_LINE),
        controls=listed(
            dict.fromkeys(each.control for each in _judged_first(context, finding)), most=1
        ),
        severity=sentence_case(finding.severity.value),
    )


def _found(finding: Finding, width: int) -> str:
    """Return what was found, in brief; the claim itself would read as if it held."""
    return behind_a_word("; ".join(what_is_open(finding)), width)


def _claim(context: Context, finding: Finding, width: int) -> str:
    """Return the title of a finding, with its rule where another has the same title."""
    rule = f" ({finding.rule})" if context.titles[finding.title] > 1 else ""
    title = behind_a_word(finding.title.rstrip("."), max(_LEAST, width - len(rule)))
    return f"{title}{rule}"


def _card(context: Context, past: History, finding: Finding) -> FindingCard:
    label = context.label(finding)
    shared, rows, note = _rows(finding)
    return FindingCard(
        label=label,
        anchor=label.lower(),
        title=finding.title,
        verdict=verdict_line(finding),
        version=f"version {finding.policy_version}",
        severity=sentence_case(finding.severity.value),
        controls=_controls(context, finding),
        sentence=finding.sentence,
        observed=observed(finding),
        state=finding_state(finding),
        age="; ".join(told for told in (past.age(finding), past.due(finding)) if told),
        reasons=_reasons(finding.reasons, {row.observed for row in rows}),
        rows=rows,
        rows_shared=shared,
        rows_note=note,
        rows_paired=len(rows) > 1
        and all(len(row.key) <= _WIDE and len(row.observed) <= _WIDE for row in rows),
        why="" if is_settled(finding) else decided_paragraph(finding),
        evidence=context.reference(finding.evidence),
        left_out=_left_out(context, finding),
        notes=_notes(finding),
        fix=what_to_do(finding),
    )


def _judged_first(context: Context, finding: Finding) -> list[ControlReach]:
    """Return the controls of a finding, those of frameworks that this pack judges first."""
    return sorted(finding.controls, key=lambda each: each.catalog not in context.standings)


def _controls(context: Context, finding: Finding) -> str:
    by_catalog: dict[str, list[str]] = {}
    for each in _judged_first(context, finding):
        by_catalog.setdefault(each.catalog, []).append(each.control)
    return "; ".join(
        f"{catalog_name(catalog)} {listed(controls)}" for catalog, controls in by_catalog.items()
    )


def _reasons(reasons: tuple[ReasonShown, ...], told: AbstractSet[str]) -> tuple[ReasonLine, ...]:
    """Return the reasons in their order, each once.

    Those that say the same stand together, and so does one that says less of the same (``157 days
    old``) with the one that says more (``157 days old, fresh for 90 days``). What a row tells in
    full is not told again.
    """
    said = [(each.code, each.path, _said(each)) for each in reasons]
    longest = {
        (code, words): max(
            (more for same, _, more in said if same == code and _says(more, words)), key=len
        )
        for code, _, words in said
    }
    found: dict[tuple[str, str], dict[str, None]] = {}
    for (code, path, words), each in zip(said, reasons, strict=True):
        if not (each.message in told and path and path in each.message):
            found.setdefault((code, longest[code, words]), {})[path or "the rule"] = None
    return tuple(
        ReasonLine(word=reason_word(code), path=_about(list(paths)), text=sentence_case(words))
        for (code, words), paths in list(found.items())[:REASONS]
    )


def _said(reason: ReasonShown) -> str:
    """Return the sentence of a reason, without the path that stands beside it."""
    if reason.code == "null" and reason.message == f"{reason.path} is null":
        return reason_sentence(reason.code)
    words = reason.message or reason_sentence(reason.code)
    return words.removeprefix(reason.path).strip() if reason.path else words


def _says(more: str, less: str) -> bool:
    return more == less or more.startswith(f"{less}, ")


def _about(paths: list[str]) -> str:
    """Return what a reason is about; ``question in a`` and ``question in b`` are named together."""
    found: dict[str, list[str]] = {}
    for path in paths:
        head, _, document = path.partition(" in ")
        found.setdefault(head, []).extend([document] if document else [])
    told = [f"{head} in {listed(names)}" if names else head for head, names in found.items()]
    return shortened("; ".join(told[:3]), 400) + (f"; {len(told) - 3} more" if told[3:] else "")


def _left_out(context: Context, finding: Finding) -> tuple[Pair, ...]:
    """Return the documents that did not count, by reason; those of other releases are counted."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    away: dict[tuple[str, str], int] = {}
    for each in finding.left_out:
        key = (each.code, each.message or reason_sentence(each.code))
        if each.evidence in context.elsewhere:
            found.setdefault(key, {})
            away[key] = away.get(key, 0) + 1
        else:
            found.setdefault(key, {})[context.name_of(each.evidence)] = None
    return tuple(
        Pair(
            name=f"{reason_word(code)}: {said.rstrip('.')}",
            text=listed([*names, *_away(away.get((code, said), 0))], most=len(names) + 1),
        )
        for (code, said), names in found.items()
    )


def _away(number: int) -> list[str]:
    return [count(number, "document of another release", "documents of other releases")] * bool(
        number
    )


def _worst_first(rows: list[RowFinding]) -> list[RowFinding]:
    order = (Outcome.FAIL, Outcome.ERROR, Outcome.INCONCLUSIVE, Outcome.PASS)
    places = {outcome: place for place, outcome in enumerate(order)}
    return sorted(rows, key=lambda row: places.get(row.outcome, len(places)))


def _rows(finding: Finding) -> tuple[str, tuple[RowLine, ...], str]:
    """Return the columns that all rows share, the rows to show, and what is said of the rest.

    What fails or is unknown comes first; then a few rows that pass.
    """
    sure = _worst_first([row for row in finding.rows if row.key != GHOST])
    ghosts = [row for row in finding.rows if row.key == GHOST]
    told = {(each.code, each.path) for each in finding.reasons}
    plain = all(
        row.outcome in _UNKNOWN and {(each.code, each.path) for each in row.reasons} <= told
        for row in ghosts
    )
    passing = [row for row in sure if row.outcome is Outcome.PASS]
    urgent = [row for row in sure if row.outcome is not Outcome.PASS] + [
        row for row in ghosts if not plain
    ]
    shared, keys = short_keys(row.key for row in sure)
    if len(sure) == 1:
        keys = {}
    shown = (*urgent[:ROWS], *passing[:PASSING])
    notes = [_more(urgent[ROWS:], "fail or are unknown"), _more(passing[PASSING:], "pass")]
    if ghosts and plain:
        word = outcome_state(ghosts[0].outcome).word.lower()
        notes.append(f"Any further row: {word}, for the reasons given.")
    rows = tuple(
        _row(row, keys.get(row.key, row.key if row.key != GHOST else "any further row"))
        for row in shown
    )
    return shared, rows, " ".join(note for note in notes if note)


def _more(rows: list[RowFinding], does: str) -> str:
    if not rows:
        return ""
    do = does.replace("fail or are", "fails or is").replace("pass", "passes")
    told = count(len(rows), f"more row {do}", f"more rows {does}")
    return f"{told}, listed in the findings JSON."


def _row(row: RowFinding, key: str) -> RowLine:
    state = outcome_state(row.outcome)
    if row.waived_by is not None:
        state = State(key="wv", mark="◈", word="Fail, waived")
    return RowLine(key=middle(key, 120), state=state, observed=shortened(row_text(row), 200))


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
