"""A baseline at an instant: which fails it accepts, and what became of each that it names.

It accepts a fail as it was found and nothing more. A fail that came since, one that is further
from its limit, one of a policy that asks otherwise now, and whatever is not known stay as they are.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from assaybook.domain.baseline import Baseline, BaselineFail, fingerprint
from assaybook.domain.canonical import digest_of_model
from assaybook.domain.finding import (
    BaselinedRow,
    BaselineUse,
    Finding,
    Outcome,
    RowFinding,
    TraceNode,
)
from assaybook.domain.waiver import WaiverState
from assaybook.evaluation.explain import Clause, deciding
from assaybook.evaluation.waive import decided

RowState = Literal["accepted", "worse", "changed", "mended", "undecided", "not_judged"]
WHOLE: Final = ""
"""The key of a fail of a rule that judges no rows."""
_MOST_KEY: Final = 4_000
_SAME: Final = 1e-9
"""Relative difference under which two distances are one: that of rounding, not of measuring."""
_STATES: Final[Mapping[WaiverState, Literal["pending", "in_force", "expired", "revoked"]]] = {
    WaiverState.PENDING: "pending",
    WaiverState.IN_FORCE: "in_force",
    WaiverState.EXPIRED: "expired",
    WaiverState.REVOKED: "revoked",
}
_GRAVEST: Final = ("worse", "changed", "accepted", "undecided", "mended")
"""Of several rows of one key what is told: nothing accepted hides what is worse."""
_UNDECIDED: Final = frozenset({Outcome.INCONCLUSIVE, Outcome.ERROR})


@dataclass(slots=True)
class Accepting:
    """A baseline while a release is judged; ``rows`` fill as findings are met."""

    baseline: Baseline
    as_of: datetime
    named: dict[tuple[str, str], BaselineFail] = field(init=False)
    rows: dict[tuple[str, str, str], BaselinedRow] = field(init=False)

    def __post_init__(self) -> None:
        """Index what is named; until its rule is judged, nobody has looked."""
        self.named = {(one.policy, one.rule): one for one in self.baseline.fails}
        self.rows = {
            (policy, rule, key): BaselinedRow(policy=policy, rule=rule, key=key, state="not_judged")
            for (policy, rule), fail in self.named.items()
            for key in fail.rows or (WHOLE,)
        }

    def accepted(self, finding: Finding) -> frozenset[str]:
        """Return the keys of the failing rows that are accepted.

        Nothing is accepted while the baseline is not in force, yet how each fail stands is told.
        """
        named = self.named.get((finding.policy, finding.rule))
        if named is None or finding.system != self.baseline.system:
            return frozenset()
        kept: set[str] = set()
        for key in named.rows or (WHOLE,):
            state, note = _state(named, key, finding)
            self.rows[finding.policy, finding.rule, key] = BaselinedRow(
                policy=finding.policy, rule=finding.rule, key=key, state=state, note=note
            )
            if state == "accepted":
                kept.add(key)
        holds = decided(self.baseline, self.as_of)[0] is WaiverState.IN_FORCE
        return frozenset(kept) if holds else frozenset()

    def use(self) -> BaselineUse:
        """Return the baseline as the assessment shows it."""
        one, approval = self.baseline, self.baseline.approval
        state, note = decided(one, self.as_of)
        return BaselineUse(
            id=one.id,
            digest=digest_of_model(one, exclude={"approval", "revoked_at"}),
            state=_STATES[state],
            reason=one.reason,
            requester=one.requester,
            approver=approval.person if approval else None,
            approver_verified=approval.verified if approval else False,
            written_at=one.written_at,
            expires=one.expires,
            rows=tuple(self.rows.values()),
            note=note,
        )


def known_fail(finding: Finding) -> BaselineFail | None:
    """Return what a baseline written now would name of a finding: its fails that are known.

    A fail that stands for something unknown, by ``on_unknown: fail``, is none of them. A row
    cannot be known again without a key, or by one that a file cannot show as it is, and neither
    can the fail of a rule without rows that one row of a list makes fail, whichever it is.
    """
    if finding.outcome is not Outcome.FAIL or finding.reasons:
        return None
    rows = [one for one in finding.rows if _fails(one) and _can_be_written(one.key)]
    if (finding.rows and not rows) or (not rows and _hides_rows(finding.trace)):
        return None
    keys = tuple(dict.fromkeys(one.key for one in rows))
    runs: dict[str, list[RowFinding | None]] = {
        key: [one for one in rows if one.key == key] for key in keys
    } or {WHOLE: [None]}
    far = {key: _farthest([_distance(finding, one) for one in each]) for key, each in runs.items()}
    failed = {
        key: tuple(sorted({text for one in each for text in _clauses(finding, one)}))
        for key, each in runs.items()
    }
    return BaselineFail(
        policy=finding.policy,
        rule=finding.rule,
        fingerprint=_fingerprint(finding),
        rows=keys,
        distances={key: each for key, each in far.items() if each is not None},
        clauses={key: each for key, each in failed.items() if each},
    )


def _farthest(found: Sequence[float | None]) -> float | None:
    """Return the greatest distance of the runs of a series that are one row, if all are known."""
    known = [one for one in found if one is not None]
    return max(known) if len(known) == len(found) else None


def _fingerprint(finding: Finding) -> str:
    return fingerprint(
        system=finding.system,
        policy=finding.policy,
        version=finding.policy_version,
        rule=finding.rule,
        params=finding.params,
    )


def _fails(row: RowFinding) -> bool:
    return row.outcome is Outcome.FAIL and not row.reasons


def _can_be_written(key: str) -> bool:
    return 0 < len(key) <= _MOST_KEY and key.isprintable()


def _distance(finding: Finding, row: RowFinding | None) -> float | None:
    """Return how far the one comparison of numbers that is false is from its limit, if any."""
    false = [one.margin for one in _failed(finding, row) if one.truth == "F"]
    margins = [one.distance for one in false if one is not None]
    return margins[0] if len(margins) == 1 else None


def _clauses(finding: Finding, row: RowFinding | None) -> tuple[str, ...]:
    """Return the clauses that failed of a condition of several; nothing where it has but one."""
    trace = finding.trace if row is None else row.trace
    if trace is None or not _is_of_several(trace):
        return ()
    return tuple(sorted({one.text for one in _failed(finding, row)}))


def _failed(finding: Finding, row: RowFinding | None) -> list[Clause]:
    """Return the clauses that decided; the test of a choice says what is asked, no more."""
    tests = frozenset(_tests(finding.trace if row is None else row.trace))
    return [one for one in deciding(finding, row) if one.text not in tests]


def _is_of_several(line: TraceNode) -> bool:
    inside = line.children if line.joins else ()
    return line.joins in {"and", "or", "if"} or any(map(_is_of_several, inside))


def _hides_rows(line: TraceNode | None) -> bool:
    """Tell whether one row of a list decided, so that nobody says which others fail too."""
    if line is None or not line.joins:
        return False
    if {"all": "F", "exists": "T"}.get(line.joins) == line.truth:
        return True
    alike = line.joins in {"and", "or", "all", "exists"}
    return any(_hides_rows(one) for one in line.children if not alike or one.truth == line.truth)


def _tests(line: TraceNode | None, *, inside: bool = False) -> Iterator[str]:
    """Yield the text of every line in the test of a choice."""
    if line is None:
        return
    if inside:
        yield line.text
    for number, one in enumerate(line.children):
        yield from _tests(one, inside=inside or (line.joins == "if" and number == 0))


def _state(known: BaselineFail, key: str, finding: Finding) -> tuple[RowState, str]:
    """Return what became of a fail that is named."""
    if finding.outcome is Outcome.NOT_APPLICABLE:
        return "not_judged", finding.message
    if not key:
        return _row_state(known, key, finding, None)
    states = [_row_state(known, key, finding, one) for one in finding.rows if one.key == key]
    return min(states, key=lambda one: _GRAVEST.index(one[0])) if states else _gone(finding)


def _row_state(
    known: BaselineFail, key: str, finding: Finding, row: RowFinding | None
) -> tuple[RowState, str]:
    """Return what became of one row of a key; a series has one for each run."""
    outcome = finding.outcome if row is None else row.outcome
    reasons = finding.reasons if row is None else row.reasons
    if outcome in _UNDECIDED or (reasons and outcome is Outcome.FAIL):
        return "undecided", ", ".join(dict.fromkeys(one.code for one in reasons))
    return ("mended", "") if outcome is Outcome.PASS else _failing(known, key, finding, row)


def _failing(
    known: BaselineFail, key: str, finding: Finding, row: RowFinding | None
) -> tuple[RowState, str]:
    """Return whether what fails now is what was accepted."""
    if known.fingerprint != _fingerprint(finding) or bool(key) != bool(finding.rows):
        return "changed", "the policy, its version or its params are not those that were accepted"
    if not key and _hides_rows(finding.trace):
        return "undecided", "one row of a list decides, and another may fail by now"
    others = set(_clauses(finding, row)) - set(known.clauses.get(key, ()))
    if others:
        return "worse", f"it fails by {', '.join(sorted(others))}, which was not accepted"
    was, now = known.distances.get(key), _distance(finding, row)
    if was is not None and now is None:
        return "worse", f"{was:.4g} from its limit when it was accepted, now nobody knows how far"
    if was is not None and now is not None and now > was * (1 + _SAME):
        return "worse", f"{now:.4g} from its limit, and {was:.4g} when it was accepted"
    return "accepted", ""


def _gone(finding: Finding) -> tuple[RowState, str]:
    """Return what a row that is not there means: mended only where the list is known in full."""
    open_ = [reason for row in finding.rows for reason in row.reasons]
    open_ += [*finding.reasons, *(reason for need in finding.needs for reason in need.open)]
    if finding.outcome in _UNDECIDED or open_:
        return "undecided", ", ".join(dict.fromkeys(one.code for one in open_))
    return "mended", "there is no such row"
