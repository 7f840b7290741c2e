"""The section on change: what moved since the last audit, and which input moved it."""

from collections.abc import Iterator
from typing import Final

from assaybook.domain.finding import Assessment, Finding, Standing
from assaybook.domain.policy import Bundle, Param
from assaybook.reporting.changes import (
    CAUSES,
    FindingChange,
    StandingChange,
    finding_changes,
    standing_changes,
)
from assaybook.reporting.context import Context, evidence_ids, release_of
from assaybook.reporting.criteria import setting
from assaybook.reporting.observe import observed
from assaybook.reporting.pages import CauseRow, ChangeLine, ChangePage, LimitLine
from assaybook.reporting.parts import Pair, Part, State
from assaybook.reporting.recorded import RecordChange
from assaybook.reporting.results import is_judged
from assaybook.reporting.sections import at
from assaybook.reporting.words import (
    STANDINGS_SHOWN,
    catalog_name,
    count,
    day,
    finding_state,
    listed,
    sentence_case,
    shortened,
    standing_state,
)

_ALWAYS: Final = ("evidence", "policy", "time", "engine")
_LINES: Final = 60
_NONE: Final = State(key="na", mark="⊖", word="Not judged")
_BETTER: Final = tuple(
    each for each in STANDINGS_SHOWN if each not in {Standing.NOT_APPLICABLE, Standing.NOT_COVERED}
)


def change_page(context: Context) -> ChangePage:
    """Return what changed since the last audit, or that there was none."""
    before, after = context.previous, context.source.assessment
    if before is None:
        lead = "No earlier assessment was given: this is a first pack, with nothing to compare."
        return ChangePage(lead=lead, inputs=(), causes=(), controls=(), findings=(), limits=())
    rules = finding_changes(before, after)
    controls = [
        each
        for each in standing_changes(before, after, context.source.catalogs)
        if is_judged(context.source.catalogs.get(each.catalog), each.control)
    ]
    release = release_of(before)
    lead = (
        f"Compared with release {release} as of {day(before.assessment.as_of)}: "
        f"{_moved(controls)} and {count(len(rules), 'rule')} changed."
    )
    return ChangePage(
        lead=lead,
        inputs=tuple(_inputs(before, after, context.source.changes or ())),
        causes=tuple(_causes(controls)),
        controls=tuple(_control(context, each) for each in controls[:_LINES]),
        findings=tuple(_finding(context, each) for each in rules[:_LINES]),
        limits=tuple(_limits(context.source.bundle, before, after)),
    )


def _moved(controls: list[StandingChange]) -> str:
    """Return how many controls stand otherwise, and how many of them worse."""
    worse = sum(map(_is_worse, controls))
    told = count(len(controls), "control")
    return f"{told} ({worse} for the worse)" if controls else told


def _inputs(
    before: Assessment, after: Assessment, changes: tuple[RecordChange, ...]
) -> Iterator[Pair]:
    old, new = before.assessment, after.assessment
    for name, one, other in (
        ("Policy bundle", old.bundle, new.bundle),
        ("Subject", old.subject, new.subject),
        ("Evidence set", old.evidence_set, new.evidence_set),
        ("Engine", old.engine, new.engine),
    ):
        same = "unchanged" if one == other else f"{one[:19]} became {other[:19]}"
        if name == "Subject":
            since = [each for each in changes if each.at > old.as_of]
            fields = dict.fromkeys(one.name for each in since for one in each.fields)
            same += f": {listed(fields)} of the system ({at('system')})" if fields else ""
        yield Pair(name=name, text=same)
    gone = _used(before) - _used(after)
    come = _used(after) - _used(before)
    yield Pair(
        name="Documents that count",
        text=f"{len(come)} new, {len(gone)} gone, {len(_used(after)) - len(come)} kept",
    )


def _used(assessment: Assessment) -> frozenset[str]:
    return frozenset(one for finding in assessment.findings for one in evidence_ids(finding))


def _causes(controls: list[StandingChange]) -> Iterator[CauseRow]:
    moved = {each.causes[0] for each in controls}
    for name, meaning in CAUSES.items():
        if name in _ALWAYS or name in moved:
            mine = [each for each in controls if each.causes[0] == name]
            worse = [each for each in mine if _is_worse(each)]
            better = [each for each in mine if not _is_worse(each)]
            yield CauseRow(
                name=sentence_case(name),
                meaning=meaning,
                worse=tuple(Part(state=_state(each.after), count=1) for each in worse),
                better=tuple(Part(state=_state(each.after), count=1) for each in better),
                told_worse=_told(worse),
                told_better=_told(better),
            )


def _told(changes: list[StandingChange]) -> str:
    return (
        f"{len(changes)}: {listed([each.control for each in changes], most=2)}" if changes else ""
    )


def _is_worse(change: StandingChange) -> bool:
    """Tell whether a control stands worse; one that is no longer judged does."""
    if change.after not in _BETTER:
        return change.before in _BETTER
    return _rank(change.after) < _rank(change.before)


def _rank(standing: Standing | None) -> int:
    return _BETTER.index(standing) if standing in _BETTER else _BETTER.index(Standing.SUPPORTED)


def _state(standing: Standing | None) -> State:
    return _NONE if standing is None else standing_state(standing)


def _control(context: Context, change: StandingChange) -> ChangeLine:
    return ChangeLine(
        name=change.control,
        title=f"{context.title(change.catalog, change.control)} ({catalog_name(change.catalog)})",
        before=_state(change.before),
        after=_state(change.after),
        cause=sentence_case(listed(change.causes)),
        what="",
    )


def _finding(context: Context, change: FindingChange) -> ChangeLine:
    one = change.after or change.before
    assert one is not None  # noqa: S101 - a change has at least one of the two
    label = f"{context.label(change.after)} " if change.after is not None else ""
    return ChangeLine(
        name=f"{label}{one.policy} / {one.rule}",
        title=one.title,
        before=_judged(change.before),
        after=_judged(change.after),
        cause=sentence_case(change.cause),
        what="The rule is gone." if change.after is None else shortened(observed(one), 90),
    )


def _judged(finding: Finding | None) -> State:
    return _NONE if finding is None else finding_state(finding)


def _limits(bundle: Bundle, before: Assessment, after: Assessment) -> Iterator[LimitLine]:
    known = {
        (policy.id, name): param
        for policy in bundle.policies
        for name, param in policy.params.items()
    }
    old = {(each.policy, key): each.params[key] for each in before.findings for key in each.params}
    new = {(each.policy, key): each.params[key] for each in after.findings for key in each.params}
    for key in sorted(old.keys() & new.keys()):
        if old[key] != new[key]:
            yield LimitLine(
                name=" / ".join(key),
                before=setting(old[key]),
                after=setting(new[key]),
                direction=_direction(known.get(key), old[key], new[key]),
            )


def _direction(param: Param | None, before: object, after: object) -> str:
    """Return whether a number became stricter, where its policy says which way that is."""
    if param is None or param.stricter not in {"higher", "lower"}:
        return "changed"
    if not isinstance(before, int | float) or not isinstance(after, int | float):
        return "changed"
    return "stricter" if (after > before) is (param.stricter == "higher") else "weaker"
