"""What people accept of fails, what controls stand at, and what a gate says: the second judge."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from support.second_rows import Json

RANKS = ("low", "medium", "high", "critical")


@dataclass(frozen=True, slots=True)
class Stand:
    """A finding as it stands: what it came to, what of it is accepted, and what the rest is."""

    outcome: str
    severity: str
    controls: Mapping[tuple[str, str], str]
    accepted: bool = False
    rest: str | None = None

    @property
    def weighs(self) -> str:
        """Return what it counts as: an unknown rest beside what is accepted is not known."""
        if self.outcome != "fail":
            return self.outcome
        if self.accepted:
            return "accepted"
        return self.rest if self.rest in {"inconclusive", "error"} else "fail"


def is_in_force(waiver: Json, as_of: datetime, version: int) -> bool:
    """Tell whether a waiver holds: signed by another person, begun, not over, not taken back."""
    approval = waiver["approval"]
    if approval is None or not approval["verified"] or approval["person"] == waiver["requester"]:
        return False
    begins = max(approval["at"], waiver["starts"] or approval["at"])
    ends = min(waiver["expires"], waiver["revoked_at"] or waiver["expires"])
    return begins <= as_of < ends and waiver["policy_version"] in {None, version}


def weighed(
    outcome: str, waivers: Sequence[Json], judged_without: Callable[[frozenset[str] | None], str]
) -> tuple[bool, str | None]:
    """Return whether a fail is accepted, and what it comes to without what is named."""
    if outcome != "fail" or not waivers:
        return False, None
    whole = any(one["whole"] for one in waivers)
    rows = frozenset(row for one in waivers for row in one["rows"])
    rest = judged_without(None if whole else rows)
    if whole and rest == "fail":  # what is not known, and the rule calls a fail
        rest = "pass"
    return rest == "pass", rest


def standing(found: Sequence[tuple[str, str]]) -> str:
    """Return the standing of a control of what its findings count as, each with its relation."""
    outcomes = {outcome for outcome, _relation in found}
    steps = (
        ("fail", "not_met"),
        ("inconclusive", "not_determined"),
        ("error", "not_determined"),
        ("accepted", "risk_accepted"),
    )
    for outcome, word in steps:
        if outcome in outcomes:
            return word
    if ("pass", "implements") in found:
        return "met"
    return "supported" if "pass" in outcomes else "not_applicable" if outcomes else "not_covered"


def exit_code(stands: Sequence[Stand], documents: int, fail_on: str) -> int:
    """Return what a gate ends with: the first of error, nothing, fail, unknown that there is."""
    above = [one for one in stands if RANKS.index(one.severity) >= RANKS.index(fail_on)]
    weights: list[Any] = [one.weighs for one in above]
    if "error" in weights:
        return 5
    if not documents or all(one == "not_applicable" for one in weights):
        return 4
    if "fail" in weights:
        return 1
    if "inconclusive" in weights:
        return 3
    return 0 if "pass" in weights else 4
