"""The answer of a replay in words: what a difference rests on, and the whole in a few sentences."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from assaybook.domain.finding import Disposition, Finding
from assaybook.domain.ids import written
from assaybook.domain.policy import Policy
from assaybook.domain.replay import Effect, ReplayedRelease
from assaybook.reporting.spoken import verdict_of
from assaybook.reporting.words import count, listed, sentence_case

EFFECTS: Final[Mapping[Effect, str]] = {
    "fails": "with rules that would fail",
    "error": "with rules that could not be evaluated",
    "undecided": "with rules that nobody could decide",
    "better": "with rules that would pass",
    "accepted": "with fails that waivers accept",
    "dropped": "with rules that would no longer be judged",
    "new": "with new rules that pass",
}
"""What is said of the number of releases that an effect meets, worst first."""
_SHOWN: Final = 6


def reason_of(new: Finding | None) -> str:
    """Return what the new outcome rests on; None is a rule that the new criteria do not have."""
    if new is None:
        return "The new criteria have no such rule."
    by = f" (waiver {new.waiver})" if new.disposition is Disposition.WAIVED else ""
    return verdict_of(new) + by


def asked_otherwise(
    policies: tuple[Policy | None, Policy | None], old: Finding | None, new: Finding | None
) -> str:
    """Return what new criteria ask otherwise of a rule, as far as both judge it; else nothing."""
    one, other = policies
    if old is None or new is None or one is None or other is None:
        return ""
    told = [*_values(old, new), *_needs(one, other)]
    if not told and old.sentence != new.sentence:
        told = [f"it now asks: {new.sentence}"]
    if old.policy_version != new.policy_version:
        told.insert(0, f"version {old.policy_version} became {new.policy_version}")
    return "; ".join(told)


def _values(old: Finding, new: Finding) -> Iterator[str]:
    for name in sorted(old.params.keys() | new.params.keys()):
        before, after = old.params.get(name, "not there"), new.params.get(name, "not there")
        if before != after:
            yield f"{name}: {before} became {after}"


def _needs(old: Policy, new: Policy) -> Iterator[str]:
    """Yield the families of facts that are asked otherwise."""
    for name, need in new.needs.items():
        before = old.needs.get(name)
        if before is None:
            yield f"it also needs {need.facts} facts ({name})"
        elif before.facts != need.facts:
            yield f"{name} are {need.facts} facts, and were {before.facts} facts"


def summary_of(
    releases: Sequence[ReplayedRelease], *, since: datetime, until: datetime, now: datetime
) -> str:
    """Return the answer in a few sentences.

    It says which releases would flip and how, of which there is no evidence or nothing in force,
    and from when on it is a forecast.
    """
    told = [f"would flip {sum(one.flips for one in releases)} of {count(len(releases), 'release')}"]
    parts = [
        f"{number} {words}"
        for effect, words in EFFECTS.items()
        if (number := sum(effect in one.effects for one in releases))
    ]
    told[0] += f": {', '.join(parts)}" if parts else ""
    told[0] += f" (from {written(since)} to {written(until)})"
    silent = [f"{one.system} {one.release}" for one in releases if not one.documents]
    if silent:
        told.append(f"no evidence, so nothing is shown, of {listed(silent, most=_SHOWN)}")
    fresh = [f"{one.system} {one.release}" for one in releases if one.in_force is None]
    if fresh:
        told.append(f"nothing is in force for {listed(fresh, most=_SHOWN)}: all rules are new")
    if until > now:
        told.append(
            f"from {written(now)} on it is a forecast: what is received later may change it"
        )
    return ". ".join([told[0], *map(sentence_case, told[1:])]) + "."
