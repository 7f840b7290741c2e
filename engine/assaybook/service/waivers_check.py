"""Waiver files looked at before a gate meets them: how each stands, and which are refused.

A waiver that has run out, that is void, or that names what does not exist is refused with what to
do; one that waits, or that runs out soon, is only said to.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from assaybook.domain.errors import AssayError, AuthorError, UsageError
from assaybook.domain.finding import Assessment, BaselineUse, Finding, Outcome
from assaybook.domain.ids import Instant, same_person, written
from assaybook.domain.policy import Policy
from assaybook.domain.trust import Trust
from assaybook.domain.waiver import Waiver, WaiverState
from assaybook.evaluation.baseline import Accepting
from assaybook.evaluation.waive import before, resolve
from assaybook.language.document_problems import problems_of, unknown_word
from assaybook.service.baseline import is_baseline, read_baseline
from assaybook.service.waivers import read_waivers, unjudged_state

SOON: Final = timedelta(days=30)
"""A waiver that runs out within it is said to run out soon."""


@dataclass(frozen=True, slots=True)
class CheckedWaiver:
    """How one waiver stands.

    Attributes:
        file: where it is written.
        note: what there is to say of its state; empty where there is nothing.
        renewals: how many waivers of the same rule and rows ended before this one ends: the
            second acceptance of one fail is its first renewal.
        accepted_since: when the first of them was asked to begin, where that is said.
        faults: why it is refused; none for one that may be used.
    """

    file: str
    waiver: Waiver
    state: WaiverState
    note: str
    renewals: int
    accepted_since: Instant | None
    faults: tuple[AssayError, ...]


@dataclass(frozen=True, slots=True)
class CheckedBaseline:
    """How a baseline stands and, by an assessment of its system, each fail that it names."""

    file: str
    system: str
    use: BaselineUse
    note: str
    faults: tuple[AssayError, ...]


@dataclass(frozen=True, slots=True)
class CheckedFiles:
    """Every waiver and baseline of some files, in their order, and what made a file unusable."""

    waivers: tuple[CheckedWaiver, ...]
    baselines: tuple[CheckedBaseline, ...]
    unread: tuple[AssayError, ...]

    @property
    def faults(self) -> tuple[AssayError, ...]:
        """Return why waivers and baselines are refused, in order."""
        of_waivers = (fault for one in self.waivers for fault in one.faults)
        return (*of_waivers, *(fault for one in self.baselines for fault in one.faults))


def check_waivers(
    files: Sequence[Path],
    trust: Trust,
    policies: Sequence[Policy],
    as_of: datetime,
    judged: Assessment | None = None,
) -> CheckedFiles:
    """Return how the waivers of files stand as of an instant.

    Args:
        files: waiver and baseline files, with the approvals that stand beside them.
        trust: whose approvals count.
        policies: the policies that waivers may name.
        as_of: the instant.
        judged: an assessment: by it a compensating rule is known to pass or not, and a waiver of
            that system to be of use.
    """
    found: list[tuple[str, Waiver]] = []
    baselines: list[CheckedBaseline] = []
    unread: list[AssayError] = []
    for path in files:
        try:
            if is_baseline(path):
                baselines.append(_baseline(path, trust, as_of, judged))
                continue
            found += [(str(path), one) for one in read_waivers(path, trust)]
        except AuthorError as error:
            unread += problems_of(error)
        except AssayError as error:
            unread.append(error)
    every = [waiver for _file, waiver in found]
    first = {waiver.id: file for file, waiver in reversed(found)}
    checked = tuple(
        _checked(
            waiver,
            file,
            earlier=before(waiver, every),
            faults=[*_names(waiver, file, policies), *_twice(waiver, file, first[waiver.id])],
            as_of=as_of,
            judged=judged,
        )
        for file, waiver in found
    )
    return CheckedFiles(checked, tuple(baselines), tuple(unread))


def _checked(  # noqa: PLR0913 - a waiver, what is known around it, and the instant
    waiver: Waiver,
    file: str,
    *,
    earlier: Sequence[Waiver],
    faults: Sequence[AssayError],
    as_of: datetime,
    judged: Assessment | None,
) -> CheckedWaiver:
    state, note = _state(waiver, as_of, judged)
    return CheckedWaiver(
        file=file,
        waiver=waiver,
        state=state,
        note=note or _soon(waiver, state, as_of),
        renewals=len(earlier),
        accepted_since=_since((*earlier, waiver)),
        faults=(*faults, *_refused(waiver, file, state, len(earlier))),
    )


def _state(waiver: Waiver, as_of: datetime, judged: Assessment | None) -> tuple[WaiverState, str]:
    """Return the state; of what was not judged, only as far as it can be told without."""
    findings = _about(waiver, judged.findings if judged is not None else ())
    if not findings:
        return unjudged_state(waiver, as_of)
    outcomes = {(one.policy, one.rule): one.outcome for one in findings}
    versions = {one.policy: one.policy_version for one in findings}
    found = resolve(waiver, outcomes, as_of, versions)
    if found.state is not WaiverState.IN_FORCE:
        return found.state, found.note
    return _use(waiver, {(one.policy, one.rule): one for one in findings})


def _baseline(
    path: Path, trust: Trust, as_of: datetime, judged: Assessment | None
) -> CheckedBaseline:
    """Return how a baseline stands; without an assessment, nothing of the fails that it names."""
    baseline = read_baseline(path, trust)
    accepting = Accepting(baseline, as_of)
    findings = judged.findings if judged is not None else ()
    for finding in findings:
        accepting.accepted(finding)
    use = accepting.use()
    told = [use.note] if use.note else []
    if any(one.system == baseline.system for one in findings):
        states = [row.state for row in use.rows]
        told += [
            f"{states.count(state)} {state.replace('_', ' ')}"
            for state in dict.fromkeys(states)
            if state != "accepted"
        ]
    faults: list[AssayError] = []
    if use.state == "expired":
        hint = "Write a new one of what still fails: assay waiver baseline."
        message = f"it ran out at {written(baseline.expires)}"
        faults.append(UsageError("waiver-expired", message, where=str(path), hint=hint))
    return CheckedBaseline(str(path), baseline.system, use, "; ".join(told), tuple(faults))


def _about(waiver: Waiver, findings: Iterable[Finding]) -> list[Finding]:
    return [
        one
        for one in findings
        if one.system == waiver.system and (not waiver.releases or one.release in waiver.releases)
    ]


def _use(waiver: Waiver, findings: Mapping[tuple[str, str], Finding]) -> tuple[WaiverState, str]:
    """Return whether a waiver that holds is of use, and which of its rows are not."""
    finding = findings.get((waiver.policy, waiver.rule))
    if finding is None or finding.outcome is not Outcome.FAIL:
        word = finding.outcome.value.replace("_", " ") if finding else "not judged"
        return WaiverState.UNUSED, f"the rule does not fail: {word}"
    failing = {row.key for row in finding.rows if row.outcome is Outcome.FAIL}
    idle = [row for row in waiver.rows if row not in failing]
    if waiver.rows and len(idle) == len(waiver.rows):
        return WaiverState.UNUSED, "none of its rows fails"
    return WaiverState.IN_FORCE, f"no longer failing: {'; '.join(idle)}" if idle else ""


def _soon(waiver: Waiver, state: WaiverState, as_of: datetime) -> str:
    left = waiver.expires - as_of
    if state not in {WaiverState.IN_FORCE, WaiverState.UNUSED} or left > SOON:
        return ""
    return f"it runs out in {left.days} days" if left.days else "it runs out within a day"


def _since(chain: Iterable[Waiver]) -> datetime | None:
    begun = [one.starts or (one.approval.at if one.approval else None) for one in chain]
    return min((each for each in begun if each is not None), default=None)


def _names(waiver: Waiver, file: str, policies: Sequence[Policy]) -> list[AssayError]:
    rules = {one.id: [rule.id for rule in one.rules] for one in policies}
    faults: list[AssayError] = []
    named = [f"{waiver.policy}/{waiver.rule}", *filter(None, [waiver.compensating])]
    for name in named:
        policy, _slash, rule = name.partition("/")
        where = f"{file}#{waiver.id}"
        if policy not in rules:
            faults.append(unknown_word("policy-unknown", "policy", policy, rules, where))
        elif rule not in rules[policy]:
            what = f"rule of {policy}"
            faults.append(unknown_word("rule-unknown", what, rule, rules[policy], where))
    return faults


def _refused(waiver: Waiver, file: str, state: WaiverState, renewals: int) -> list[AssayError]:
    where, approval = f"{file}#{waiver.id}", waiver.approval
    faults: list[AssayError] = []
    if state is WaiverState.EXPIRED:
        hint = "Remove it, or propose a new one for another person to approve"
        hint += f"; it would be renewal {renewals + 1}."
        told = f"it ran out at {written(waiver.expires)}"
        faults.append(UsageError("waiver-expired", told, where=where, hint=hint))
    if state is WaiverState.VOID:
        told = f"it is void: {waiver.compensating} does not pass"
        hint = "Mend what that rule asks for, or remove the waiver."
        faults.append(UsageError("waiver-void", told, where=where, hint=hint))
    if approval is not None and same_person(approval.person, waiver.requester):
        told = f"{approval.person} asked for it and cannot approve it"
        hint = "Another person must sign it: assay waiver approve."
        faults.append(UsageError("waiver-self-approved", told, where=where, hint=hint))
    return faults


def _twice(waiver: Waiver, file: str, first: str) -> list[AssayError]:
    if first == file:
        return []
    told = f"the waiver id {waiver.id!r} is used in {first} too"
    hint = "Give each waiver an id of its own."
    return [UsageError("waiver-id-twice", told, where=file, hint=hint)]
