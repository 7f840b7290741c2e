"""A verdict with its circumstances, as the finding that reports show."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypedDict

from pydantic import JsonValue

from assaybook.domain.documents import Evidence
from assaybook.domain.finding import (
    ControlReach,
    EvidenceUse,
    Finding,
    LeftOut,
    Outcome,
    ReasonShown,
    RowFinding,
)
from assaybook.domain.policy import Param, Policy, Rule, Severity
from assaybook.domain.reasons import Reason
from assaybook.domain.record import record
from assaybook.domain.subject import Artifact, Subject
from assaybook.domain.values import Pointer, Row, Unknown, plain_list
from assaybook.evaluation.needs import Bound
from assaybook.evaluation.params import InForce
from assaybook.evaluation.selection import instant_of
from assaybook.evaluation.shown import shown, shown_value
from assaybook.evaluation.verdict import RowVerdict, Truth, Verdict

_MOST_POINTERS = 50
_TWO = 2


@record
class Circumstances:
    """What a finding says besides its verdict."""

    policy: Policy
    subject: Subject
    params: InForce
    sentences: Mapping[str, str]
    """Rule id to its sentence with the params in force."""
    documents: Mapping[str, Evidence]
    as_of: datetime


class _Identity(TypedDict):
    """The fields that say which finding it is, whatever it came to."""

    policy: str
    policy_version: int
    rule: str
    title: str
    sentence: str
    system: str
    release: str
    severity: Severity
    controls: tuple[ControlReach, ...]
    params: dict[str, JsonValue]
    relaxed: tuple[str, ...]


def outcome_of(held: Truth, rule: Rule) -> Outcome:
    """Return the outcome of a truth; an unknown that an error decided is an error."""
    if held is True:
        return Outcome.PASS
    if held is False:
        return Outcome.FAIL
    if any(reason.is_error for reason in held.reasons):
        return Outcome.ERROR
    return Outcome.FAIL if rule.on_unknown == "fail" else Outcome.INCONCLUSIVE


def finding_of(
    about: Circumstances,
    rule: Rule,
    verdict: Verdict,
    bound: Mapping[str, Bound],
) -> Finding:
    """Return the finding of a rule that was judged."""
    outcome = outcome_of(verdict.truth, rule)
    reasons = verdict.truth.reasons if isinstance(verdict.truth, Unknown) else ()
    used = [bound[name] for name in rule.needs]
    ends = [one.expires_at for one in used]
    read = _pointers(verdict, used)
    return Finding(
        **_identity(about, rule),
        outcome=outcome,
        reasons=_reasons(about, reasons, read),
        rows=tuple(_row(about, rule, row) for row in verdict.rows),
        evidence=_uses(about, read),
        left_out=_left_out([*verdict.left_out, *(one for each in used for one in each.left_out)]),
        needs=tuple(one.use for one in used),
        trace=verdict.trace,
        message=verdict.message,
        fix=rule.fix if outcome is not Outcome.PASS else "",
        expires_at=_first([*ends, verdict.expires_at]) if outcome is Outcome.PASS else None,
    )


def not_judged(
    about: Circumstances, rule: Rule, outcome: Outcome, reasons: Iterable[Reason], message: str
) -> Finding:
    """Return the finding of a rule that was not judged: inapplicable, or nobody knows."""
    return Finding(
        **_identity(about, rule),
        outcome=outcome,
        reasons=tuple(map(shown, reasons)),
        message=message,
    )


def _identity(about: Circumstances, rule: Rule) -> _Identity:
    policy, subject = about.policy, about.subject
    return {
        "policy": policy.id,
        "policy_version": policy.version,
        "rule": rule.id,
        "title": policy.title,
        "sentence": about.sentences[rule.id],
        "system": subject.system.id,
        "release": subject.release.version,
        "severity": policy.severity,
        "controls": tuple(
            ControlReach(catalog=one.catalog, control=one.control, relation=one.relation)
            for one in sorted(policy.controls, key=lambda one: (one.catalog, one.control))
        ),
        "params": {name: shown_param(param) for name, param in about.params.params.items()},
        "relaxed": about.params.relaxed,
    }


def shown_param(param: Param) -> JsonValue:
    """Return the value of a param as JSON; null where nobody has set it."""
    if isinstance(param.value, tuple):
        return shown_value(plain_list(param.value))
    return shown_value(param.value)


def _row(about: Circumstances, rule: Rule, row: RowVerdict) -> RowFinding:
    unknown = row.truth.reasons if isinstance(row.truth, Unknown) else ()
    return RowFinding(
        key=row.key,
        outcome=outcome_of(row.truth, rule),
        reasons=_reasons(about, unknown, row.pointers),
        message=row.message,
        trace=row.trace,
        evidence=_uses(about, row.pointers),
    )


def _reasons(
    about: Circumstances, reasons: Iterable[Reason], read: Iterable[Pointer]
) -> tuple[ReasonShown, ...]:
    """Return reasons as reports show them; of a conflict, whether it is one of several models."""
    found = tuple(map(shown, reasons))
    if all(one.code != "conflict" for one in found):
        return found
    models = {one.digest: one.name for one in about.subject.release.artifacts if _is_model(one)}
    documents = [about.documents.get(one.evidence) for one in read]
    named = {
        frozenset(each.digest for each in one.envelope.subject.artifacts).intersection(models)
        for one in documents
        if one is not None
    }
    several = sorted({models[each] for digests in named for each in digests})
    if len(named) < _TWO or len(several) < _TWO:
        return found
    more = (
        f"; they are about different models ({', '.join(several)}): keep these apart by a scope "
        "in evidence.yaml, such as path: NAME"
    )
    return tuple(
        one.model_copy(update={"message": f"{one.message}{more}"})
        if one.code == "conflict"
        else one
        for one in found
    )


def _is_model(artifact: Artifact) -> bool:
    return artifact.kind == "model"


def _pointers(verdict: Verdict, used: Sequence[Bound]) -> list[Pointer]:
    """Return where the verdict was read: its rows, else the rows of its needs; then documents."""
    found = [pointer for row in verdict.rows for pointer in row.pointers]
    if not verdict.rows:
        found = [
            pointer
            for one in used
            for member in one.bag.members
            if isinstance(member.value, Row)
            for pointer in member.value.pointers
        ]
    named = {pointer.evidence for pointer in found[:_MOST_POINTERS]}
    whole = [Pointer(each, "") for one in used for each in one.use.evidence if each not in named]
    return list(dict.fromkeys([*found[:_MOST_POINTERS], *whole]))


def _uses(about: Circumstances, pointers: Iterable[Pointer]) -> tuple[EvidenceUse, ...]:
    return tuple(
        EvidenceUse(id=one.evidence, pointer=one.pointer, age=_age(about, one.evidence))
        for one in pointers
    )


def _age(about: Circumstances, evidence: str) -> float | None:
    document = about.documents.get(evidence)
    at = instant_of(document) if document is not None else None
    return None if at is None else (about.as_of - at) / timedelta(seconds=1)


def _first(ends: Iterable[datetime | None]) -> datetime | None:
    return min((end for end in ends if end is not None), default=None)


def _left_out(every: Iterable[LeftOut]) -> tuple[LeftOut, ...]:
    found = {(one.evidence, one.code, one.need): one for one in every}
    return tuple(found[key] for key in sorted(found))
