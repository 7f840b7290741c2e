"""What differs between two assessments, and which input made each difference.

Where both sides can be judged again, that is found by trying: one input at a time is put back to
what it was, and what then comes out otherwise rests on that input. Time alone is tried the other
way round, on the older inputs. Else the difference is told from digests, which can only say what
else changed, and the answer says so.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

from assaybook.domain.base import Frozen
from assaybook.domain.control import Catalog
from assaybook.domain.errors import UsageError
from assaybook.domain.finding import (
    Assessment,
    Disposition,
    Finding,
    Outcome,
    Standing,
)
from assaybook.domain.ids import Instant, written
from assaybook.evaluation.assess import Inputs, assess
from assaybook.reporting.changes import finding_changes, standing_changes
from assaybook.service.controls import shipped_catalogs
from assaybook.service.pack_diff_read import Side, read_side

Cause = Literal["policy", "evidence", "subject", "waiver", "time", "engine"]
_Key = tuple[str, str]
_Said = tuple[Outcome, Disposition] | None
_SHOWN: Final = 6
_KNOWN: Final[Mapping[str, Cause]] = {
    "policy": "policy",
    "evidence": "evidence",
    "subject": "subject",
    "waiver": "waiver",
    "engine": "engine",
    "time": "time",
}


class DiffHead(Frozen):
    """One side: where it came from, and the digests of what it was made from."""

    name: str
    system: str
    release: str
    as_of: Instant
    bundle: str
    subject: str
    evidence_set: str
    engine: str
    assessment: str
    conclusion: dict[str, str]


class FindingDiff(Frozen):
    """A rule that came to something else; None where one side has no such rule."""

    policy: str
    rule: str
    title: str
    before: Outcome | None
    after: Outcome | None
    disposition_before: Disposition | None
    disposition_after: Disposition | None
    causes: tuple[Cause, ...]
    details: tuple[str, ...]


class ControlDiff(Frozen):
    """A control that stands otherwise, and the causes behind its rules."""

    catalog: str
    control: str
    before: Standing | None
    after: Standing | None
    causes: tuple[Cause, ...]


class PackDiff(Frozen):
    """Everything that differs. ``method`` says how the causes were found, ``why`` why not better.

    ``unchanged`` counts the rules that came to the same.
    """

    before: DiffHead
    after: DiffHead
    method: Literal["judged again", "told from digests"]
    why: str
    findings: tuple[FindingDiff, ...]
    controls: tuple[ControlDiff, ...]
    unchanged: int


def compare_files(before: Path, after: Path) -> PackDiff:
    """Return what differs between two packs or assessments of one system.

    Raises:
        UsageError: a file cannot be read, or ``diff-elsewhere``, they are of two systems.
        SubmitterError: a file is no pack and no assessment.
    """
    return compare(read_side(before), read_side(after))


def compare(before: Side, after: Side) -> PackDiff:
    """Return what differs between two sides.

    Raises:
        UsageError: ``diff-elsewhere``, they are of two systems.
    """
    one, other = _head(before), _head(after)
    if one.system and other.system and one.system != other.system:
        message = f"one is about {one.system!r}, the other about {other.system!r}"
        raise UsageError("diff-elsewhere", message, where=f"{one.name} {other.name}")
    found = finding_changes(before.assessment, after.assessment)
    trial = _trial(before, after) if found else None
    sides = (before, after)
    changes = tuple(
        _finding_diff(
            each.before,
            each.after,
            _causes(_KNOWN[each.cause], _key(each.before or each.after), trial),
            sides,
        )
        for each in found
    )
    told = {(each.policy, each.rule): each.causes for each in changes}
    why = _why_not(sides)
    return PackDiff(
        before=one,
        after=other,
        method="told from digests" if why else "judged again",
        why=why,
        findings=changes,
        controls=tuple(
            ControlDiff(
                catalog=each.catalog,
                control=each.control,
                before=each.before,
                after=each.after,
                causes=tuple(_KNOWN[cause] for cause in each.causes),
            )
            for each in standing_changes(
                before.assessment, after.assessment, _catalogs(sides), told
            )
        ),
        unchanged=_unchanged(before.assessment, after.assessment),
    )


def _unchanged(before: Assessment, after: Assessment) -> int:
    old, new = _said(before), _said(after)
    return sum(key in new and new[key] == said for key, said in old.items())


def _key(finding: Finding | None) -> _Key:
    return (finding.policy, finding.rule) if finding is not None else ("", "")


def _head(side: Side) -> DiffHead:
    head = side.assessment.assessment
    first = next(iter(side.assessment.findings), None)
    return DiffHead(
        name=side.name,
        system=first.system if first else "",
        release=first.release if first else "",
        as_of=head.as_of,
        bundle=head.bundle,
        subject=head.subject,
        evidence_set=head.evidence_set,
        engine=head.engine,
        assessment=head.digest,
        conclusion={one.catalog: one.words.value for one in side.assessment.conclusion},
    )


def _why_not(sides: Iterable[Side]) -> str:
    return "; ".join(f"{one.name}: {one.why_not}" for one in sides if one.inputs is None)


@dataclass(frozen=True, slots=True)
class _Trial:
    """What every rule comes to where one input is as it was before."""

    before: Mapping[_Key, _Said]
    after: Mapping[_Key, _Said]
    put_back: Mapping[Cause, Mapping[_Key, _Said]]
    alone: Mapping[Cause, Mapping[_Key, _Said]]


def _trial(before: Side, after: Side) -> _Trial | None:
    """Judge again with one input changed at a time; None where a side has no inputs."""
    old, new = before.inputs, after.inputs
    if old is None or new is None:
        return None
    moved: dict[Cause, tuple[str, ...]] = {
        cause: swap for cause, swap in _SWAPS.items() if _differs(old, new, swap)
    }
    later = replace(old, as_of=new.as_of)
    return _Trial(
        before=_said(assess(old)),
        after=_said(assess(new)),
        put_back={cause: _said(assess(_swapped(new, old, swap))) for cause, swap in moved.items()},
        alone={
            "time": _said(assess(later)),
            **{cause: _said(assess(_swapped(later, new, swap))) for cause, swap in moved.items()},
        },
    )


_SWAPS: Final[Mapping[Cause, tuple[str, ...]]] = {
    "policy": ("bundle", "catalogs"),
    "evidence": ("evidence", "retirements"),
    "subject": ("subject",),
    "waiver": ("waivers", "baseline"),
}
"""The inputs that stand for each cause; time is the instant alone."""


def _differs(old: Inputs, new: Inputs, fields: Iterable[str]) -> bool:
    return any(getattr(old, name) != getattr(new, name) for name in fields)


def _swapped(into: Inputs, out_of: Inputs, fields: Iterable[str]) -> Inputs:
    return replace(into, **{name: getattr(out_of, name) for name in fields})


def _said(found: Assessment) -> dict[_Key, _Said]:
    return {(one.policy, one.rule): (one.outcome, one.disposition) for one in found.findings}


def _causes(told: Cause, key: _Key, trial: _Trial | None) -> tuple[Cause, ...]:
    """Return what a difference rests on; ``told`` is what the digests say of it."""
    if trial is None:
        return (told,)
    ends = trial.after.get(key)
    if trial.before.get(key) == ends:
        return ("engine",)  # one engine sees no difference, so two have made it
    needed: list[Cause] = [cause for cause, run in trial.put_back.items() if run.get(key) != ends]
    if needed:
        return tuple(needed)
    if trial.alone["time"].get(key) == ends:
        return ("time",)
    enough: list[Cause] = [cause for cause, run in trial.alone.items() if run.get(key) == ends]
    return tuple(enough) or (told,)


def _finding_diff(
    old: Finding | None, new: Finding | None, causes: tuple[Cause, ...], sides: tuple[Side, Side]
) -> FindingDiff:
    policy, rule = _key(new or old)
    held = new or old
    return FindingDiff(
        policy=policy,
        rule=rule,
        title=held.title if held else "",
        before=old.outcome if old else None,
        after=new.outcome if new else None,
        disposition_before=old.disposition if old else None,
        disposition_after=new.disposition if new else None,
        causes=causes,
        details=tuple(line for cause in causes for line in _details(cause, old, new, sides)),
    )


def _details(
    cause: Cause, old: Finding | None, new: Finding | None, sides: tuple[Side, Side]
) -> Iterator[str]:
    """Yield what changed of one input, as far as the rule can tell."""
    one, other = (side.assessment.assessment for side in sides)
    if old is None or new is None:
        yield "the rule is new" if old is None else "the rule is gone"
    elif cause == "policy":
        yield from _criteria(old, new)
    elif cause == "evidence":
        yield from _documents(old, new, {**sides[0].names, **sides[1].names})
    elif cause == "waiver":
        yield f"waiver {old.waiver or 'none'} became {new.waiver or 'none'}"
    elif cause == "engine":
        yield f"{one.engine} became {other.engine}"
    elif cause == "subject":
        yield f"{old.release} became {new.release}" if old.release != new.release else "its record"
    else:
        codes = ", ".join(dict.fromkeys(each.code for each in new.reasons))
        yield f"{written(one.as_of)} became {written(other.as_of)}{codes and ': ' + codes}"


def _criteria(old: Finding, new: Finding) -> Iterator[str]:
    if old.policy_version != new.policy_version:
        yield f"version {old.policy_version} became {new.policy_version}"
    for name in sorted(old.params.keys() | new.params.keys()):
        before, after = old.params.get(name), new.params.get(name)
        if before != after:
            yield f"{name}: {before} became {after}"
    if old.outcome is not new.outcome and Outcome.NOT_APPLICABLE in {old.outcome, new.outcome}:
        yield "it applies" if old.outcome is Outcome.NOT_APPLICABLE else "it does not apply"


def _documents(old: Finding, new: Finding, names: Mapping[str, str]) -> Iterator[str]:
    before, after = _counted(old), _counted(new)
    for word, ids in (("new", after - before), ("no longer counted", before - after)):
        told = sorted(f"{names.get(one, 'document')} ({one[:15]})" for one in ids)
        if told:
            rest = f" and {len(told) - _SHOWN} more" if len(told) > _SHOWN else ""
            yield f"{word}: {', '.join(told[:_SHOWN])}{rest}"


def _counted(finding: Finding) -> set[str]:
    used = {one.id for one in finding.evidence}
    return used | {one for need in finding.needs for one in need.evidence}


def _catalogs(sides: Iterable[Side]) -> dict[str, Catalog]:
    """Return the catalogs that judged, and those that ship where none is at hand."""
    judged = (one for side in sides if side.inputs is not None for one in side.inputs.catalogs)
    return {**shipped_catalogs(), **{one.id: one for one in judged}}
