"""What persons accept: waivers, and the fails that a baseline accepts as they were found."""

from collections import Counter
from datetime import datetime
from typing import Final

from assaybook.domain.finding import BaselinedRow, BaselineUse, WaiverUse
from assaybook.reporting.context import Context
from assaybook.reporting.parts import BaselineLine, BaselinePart, WaiverLine, WaiversPage
from assaybook.reporting.words import (
    count,
    day,
    grouped,
    listed,
    of,
    short_day,
    shortened,
    waiver_state,
)

_DAY: Final = 86_400
_MOST: Final = 40
"""Beyond so many fails of a baseline, the findings JSON lists the rest."""
_ROW_STATES: Final = {
    "accepted": "accepted, as it was found",
    "worse": "worse since: it counts as a fail",
    "changed": "asked otherwise since: it counts as a fail",
    "mended": "mended",
    "undecided": "not known",
    "not_judged": "not judged",
}


def waivers_page(context: Context) -> WaiversPage:
    """Return every waiver with its state at the instant of the pack, and the baseline."""
    as_of = context.source.as_of
    shown = {(each.policy, each.rule) for each in context.shown}
    whole = context.source.profile in {"full", "executive"}
    waivers = [each for each in context.waivers if whole or (each.policy, each.rule) in shown]
    used = context.source.assessment.baseline
    fails = (
        [each for each in used.rows if whole or (each.policy, each.rule) in shown] if used else []
    )
    baseline = _baseline(used, fails) if used and fails else None
    return WaiversPage(
        lead=_lead(waivers, whole=whole, baseline=baseline),
        as_of=short_day(as_of),
        waivers=tuple(_waiver(each, as_of) for each in waivers),
        baseline=baseline,
    )


def accepted_as_found(used: BaselineUse | None) -> int:
    """Return how many fails a baseline accepts at the instant it was judged."""
    if used is None or used.state != "in_force":
        return 0
    return sum(each.state == "accepted" for each in used.rows)


def signed_by(approver: str | None, *, verified: bool) -> str:
    """Return who approved, and whether their identity was verified."""
    if approver is None:
        return "nobody yet"
    return approver if verified else f"{approver} (identity not verified)"


def _lead(waivers: list[WaiverUse], *, whole: bool, baseline: BaselinePart | None) -> str:
    if not waivers:
        none = "No waiver was submitted." if whole else "No waiver bears on what is shown here."
        stands = " Every fail stands as it is." if whole and baseline is None else ""
        return f"{none}{stands}"
    in_force = sum(each.state == "in_force" for each in waivers)
    told = f"{of(in_force, len(waivers))} waivers {'is' if in_force == 1 else 'are'}"
    if len(waivers) == 1:
        told = "The one waiver is" if in_force else "The one waiver is not"
    always = "A waiver has an end, an approver who did not ask for it, and never makes a pass."
    return f"{told} in force. {always}"


def _waiver(waiver: WaiverUse, as_of: datetime) -> WaiverLine:
    approver = signed_by(waiver.approver, verified=waiver.approver_verified)
    start = None if waiver.starts is None else (waiver.starts - as_of).total_seconds() / _DAY
    return WaiverLine(
        id=waiver.id,
        state=waiver_state(waiver.state),
        rule=f"{waiver.policy} / {waiver.rule}",
        covers="the whole rule" if waiver.whole else listed(waiver.rows) or "no row",
        reason=waiver.reason,
        people=f"Asked by {waiver.requester}; approved by {approver}",
        until=f"until {day(waiver.expires)}",
        note=waiver.note,
        start=start,
        end=(waiver.expires - as_of).total_seconds() / _DAY,
    )


def _baseline(used: BaselineUse, fails: list[BaselinedRow]) -> BaselinePart:
    state = waiver_state(used.state)
    approver = signed_by(used.approver, verified=used.approver_verified)
    accepts = used.state == "in_force"
    stands = Counter(each.state for each in fails)
    found = count(len(fails), "fail")
    what = (
        f"It names {found} and accepts {stands['accepted']} of them as found; nothing that came "
        "since, and nothing that grew worse."
        if accepts
        else f"It names {found} and accepts none of them: {used.note or state.word.lower()}."
    )
    until = "It ended" if used.state == "expired" else "It ends"
    return BaselinePart(
        id=used.id,
        state=state,
        lead=f"{what} Asked for by {used.requester} on {day(used.written_at)}; approved by "
        f"{approver}. {until} on {day(used.expires)}. Reason: {used.reason.rstrip('.')}.",
        digest=grouped(used.digest),
        lines=tuple(_line(each, accepts=accepts) for each in fails[:_MOST]),
        note=f"{count(len(fails) - _MOST, 'more fail')}, in the findings JSON."
        if len(fails) > _MOST
        else "",
    )


def _line(row: BaselinedRow, *, accepts: bool) -> BaselineLine:
    now = "as it was found, and not accepted" if row.state == "accepted" and not accepts else ""
    return BaselineLine(
        rule=f"{row.policy} / {row.rule}",
        row=shortened(row.key, 120) or "the whole rule",
        now=now or _ROW_STATES[row.state],
        note=row.note,
    )
