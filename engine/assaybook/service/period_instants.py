"""The instants at which an outcome can change: something is received, expires, begins or ends.

Between two of them nothing that an assessment reads is different, so that judging at each of them
judges every instant of a period. A rule that reckons with its age in a way that is not seen
through is named instead, and is to be judged each day as well.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from assaybook.domain.documents import Evidence
from assaybook.domain.durations import read_duration
from assaybook.domain.expression import Call, Compare, Expression, Literal_, Node, param_named
from assaybook.domain.facts import Attestation
from assaybook.domain.policy import Bundle, Policy
from assaybook.domain.subject import Subject
from assaybook.domain.values import Row
from assaybook.domain.waiver import Retirement, Waiver
from assaybook.evaluation.needs import by_family
from assaybook.evaluation.params import in_force
from assaybook.evaluation.run import run
from assaybook.evaluation.selection import instant_of
from assaybook.evaluation.subject_values import system_row
from assaybook.evaluation.terms import Asked, terms_of
from assaybook.language.text import walk

_NEXT: Final = timedelta(microseconds=1)
"""What is as old as allowed is fresh; the next instant it is not."""
_AGE: Final = "age"
_EVER: Final = datetime.max.replace(tzinfo=UTC)
_NONE: Final[Mapping[str, datetime]] = {}


def instants_of_change(
    bundle: Bundle,
    subject: Subject,
    evidence: Sequence[Evidence],
    decided: Iterable[Waiver | Retirement],
    gone: Mapping[str, datetime] = _NONE,
) -> frozenset[datetime]:
    """Return every instant at which the outcome of a rule for the subject can change.

    ``gone`` holds from when on documents have no say: what runs out of them later changes nothing.
    """
    found = {one.envelope.received_at for one in evidence}
    for one in decided:
        found.update(_edges(one))
    families = by_family(evidence)
    for policy in bundle.policies:
        params = in_force(policy, bundle.overlays, system_row(subject.system)).row
        found.update(_of_needs(policy, params, subject, families, gone))
        found.update(_of_attestations(policy, params, families.get("attestation", ())))
        lengths = tuple(_lengths(policy, params))
        if lengths:
            read = {need.facts for need in policy.needs.values()}
            mine = [one for family in sorted(read) for one in families.get(family, ())]
            for at, end in _dates(mine, subject, gone):
                ages = (moment for each in lengths for moment in _both(at, each))
                found.update(moment for moment in ages if moment < end)
    return frozenset(found)


def unclear_policies(bundle: Bundle) -> tuple[str, ...]:
    """Return the policies that reckon with an age otherwise than by comparing it with a length."""
    return tuple(policy.id for policy in bundle.policies if not _is_clear(policy))


def _edges(one: Waiver | Retirement) -> Iterator[datetime]:
    """Yield when a decision of a person begins and ends to count."""
    if isinstance(one, Retirement):
        yield one.at
        return
    approved = one.approval.at if one.approval is not None else None
    for at in (approved, one.starts, one.expires, one.revoked_at):
        if at is not None:
            yield at


def _of_needs(
    policy: Policy,
    params: Row,
    subject: Subject,
    families: dict[str, tuple[Evidence, ...]],
    gone: Mapping[str, datetime],
) -> Iterator[datetime]:
    """Yield when documents grow stale for the needs of a policy."""
    for need in policy.needs.values():
        # The lengths of time do not depend on the instant at which they are asked for.
        asked = Asked(subject=subject, by_family={}, params=params, as_of=_EVER)
        terms = terms_of(need, asked)
        limits = [one for one in (terms.freshness.limit, terms.within) if one is not None]
        for evidence in families.get(need.facts, ()):
            at, end = instant_of(evidence), gone.get(evidence.envelope.id, _EVER)
            if at is not None:
                ends = (moment for limit in limits for moment in _both(at, limit)[1:])
                yield from (moment for moment in ends if moment < end)


def _of_attestations(
    policy: Policy, params: Row, documents: Iterable[Evidence]
) -> Iterator[datetime]:
    """Yield when answers of persons begin and cease to count."""
    asked = {rule.id: rule.attested for rule in policy.rules if rule.attested is not None}
    facts = (fact for one in documents for fact in one.facts if isinstance(fact, Attestation))
    for fact in facts:
        rule = asked.get(fact.rule or "") if fact.policy == policy.id else None
        if rule is None or fact.signed_at is None:
            continue
        yield fact.signed_at
        length = run(rule.valid_for, {"params": params})
        if isinstance(length, timedelta):
            yield from _both(fact.signed_at, length)[:1]
        if fact.valid_until is not None:
            yield fact.valid_until


def _both(at: datetime, length: timedelta) -> tuple[datetime, ...]:
    """Return the instant at which something is so old, and the next; none beyond the calendar."""
    try:
        return (at + length, at + length + _NEXT)
    except OverflowError:
        return ()


def _expressions(policy: Policy) -> Iterator[Expression]:
    """Yield every expression that may reckon with the instant of the assessment."""
    for need in policy.needs.values():
        yield from (one for one in (need.where, need.covers) if one is not None)
    for rule in policy.rules:
        parts = (rule.pass_when, rule.for_each, rule.where, rule.at_least, rule.enough)
        yield from (one for one in parts if one is not None)
        yield from (one for _name, one in rule.lets)
    if policy.applies_when is not None:
        yield policy.applies_when


def _nodes(policy: Policy) -> Iterator[Node]:
    for expression in _expressions(policy):
        yield from walk(expression.node)


def _is_age(node: Node) -> bool:
    return isinstance(node, Call) and node.function == _AGE


def _is_length(node: Node) -> bool:
    """Tell whether a node is a length of time that is written down, or a param."""
    if isinstance(node, Call) and node.function == "duration":
        return len(node.args) == 1 and isinstance(node.args[0], Literal_)
    return bool(param_named(node))


def _is_clear(policy: Policy) -> bool:
    ages = sum(_is_age(node) for node in _nodes(policy))
    compared = sum(
        isinstance(node, Compare)
        and (
            (_is_age(node.left) and _is_length(node.right))
            or (_is_length(node.left) and _is_age(node.right))
        )
        for node in _nodes(policy)
    )
    return ages == compared


def _lengths(policy: Policy, params: Row) -> Iterator[timedelta]:
    """Yield the lengths of time that a policy may compare an age with; none where it asks none."""
    if not any(_is_age(node) for node in _nodes(policy)):
        return
    yield from (value for value in params.values.values() if isinstance(value, timedelta))
    for node in _nodes(policy):
        if isinstance(node, Call) and node.function == "duration" and _is_length(node):
            written = node.args[0]
            if isinstance(written, Literal_) and isinstance(written.value, str):
                yield read_duration(written.value)


def _dates(
    evidence: Iterable[Evidence], subject: Subject, gone: Mapping[str, datetime]
) -> Iterator[tuple[datetime, datetime]]:
    """Yield every date that an expression can reckon an age from, with until when it can."""
    if subject.release.released_at is not None:
        yield subject.release.released_at, _EVER
    for one in evidence:
        envelope = one.envelope
        end = gone.get(envelope.id, _EVER)
        known = (envelope.received_at, envelope.produced_at, envelope.observed_at)
        yield from ((at, end) for at in known if at is not None)
        for fact in one.facts:
            yield from ((value, end) for _name, value in fact if isinstance(value, datetime))
