"""The frame of a case in which a policy passes, to be filled in by its author.

It holds what a policy can tell of itself: the facts that it reads, with their keys and the words
that its needs fix, what must have been examined, and whom it asks. Values stand in ``<...>``.
"""

from collections.abc import Iterator
from typing import Final

from pydantic import JsonValue

from assaybook.domain.expression import Compare, Name, Node, Select
from assaybook.domain.fact_types import FACT_TYPES
from assaybook.domain.policy import Attested, Need, ParamValue, Policy, Rule
from assaybook.domain.types import ScalarType, Type
from assaybook.language.environment import fixed_words
from assaybook.language.rules.spot import fact_field
from assaybook.language.text import walk

_DIGEST: Final = f"sha256:{'1' * 64}"
_PLACES: Final = {
    "int": "<whole number>",
    "double": "<number>",
    "bool": "<true or false>",
    "timestamp": "<instant>",
}


def first_case(policy: Policy) -> dict[str, JsonValue]:
    """Return a case, as a cases file has it, of which everything in ``<...>`` is to be written."""
    case: dict[str, JsonValue] = {"name": "<what this shows>", "as_of": "2026-01-31T00:00:00Z"}
    system, release = (_subject(policy, owner) for owner in ("system", "release"))
    if system:
        case["system"] = system
    kinds = sorted({each.about for each in policy.needs.values()} & {"model", "dataset"})
    if kinds:
        release["artifacts"] = [{"name": kind, "kind": kind, "digest": _DIGEST} for kind in kinds]
    if release:
        case["release"] = release
    unset = [param for param in policy.params.values() if param.value is None]
    if unset:
        case["params"] = {param.name: f"<{param.kind}>" for param in unset}
    if policy.needs:
        case["evidence"] = [_document(need, policy) for need in policy.needs.values()]
    answers = [
        answer
        for rule in policy.rules
        if rule.attested is not None
        for answer in _answers(rule.id, rule.attested)
    ]
    if answers:
        case["attestations"] = answers
    case["expect"] = {rule.id: "pass" for rule in policy.rules}
    return case


def _subject(policy: Policy, owner: str) -> dict[str, JsonValue]:
    """Return what a policy reads of the system, or of the release, to apply."""
    found: dict[str, JsonValue] = {}
    applies = policy.applies_when
    for node in () if applies is None else walk(applies.node):
        match node:
            case Select(operand=Name(name=name), field=field) if applies and name == owner:
                words = fixed_words(applies.node, owner, field)
                found[field] = min(words) if words else _written(node.type)
            case _:
                continue
    return found


def _document(need: Need, policy: Policy) -> JsonValue:
    read = {
        fact_field(node)[1]
        for rule in policy.rules
        if need.name in rule.needs
        for node in _nodes(rule)
        if fact_field(node)[0] == need.facts
    }
    fields = {
        name: _value(name, kind, need, policy)
        for name, kind in FACT_TYPES[need.facts].record.fields
        if name in read or _fixed(name, need, policy) is not None
    }
    document: dict[str, JsonValue] = {"type": need.facts, "age": "1d"}
    questions = _questions(need, policy)
    if questions:
        document["coverage"] = [
            {"question": each, "examined": _PLACES["int"], "failed": 0, "errored": 0, "skipped": 0}
            for each in questions
        ]
    document["facts"] = [] if need.may_be_empty else [fields]
    return document


def _nodes(rule: Rule) -> Iterator[Node]:
    parts = (rule.where, rule.enough, rule.pass_when, *(let for _name, let in rule.lets))
    for part in parts:
        if part is not None:
            yield from walk(part.node)


def _value(name: str, kind: Type, need: Need, policy: Policy) -> JsonValue:
    fixed = _fixed(name, need, policy)
    if fixed is not None:
        return fixed
    return _written(kind)


def _written(kind: Type) -> str:
    if isinstance(kind, ScalarType) and kind.words:
        return f"<{', '.join(kind.words)}>"
    return _PLACES.get(kind.name, "<text>") if isinstance(kind, ScalarType) else "<text>"


def _fixed(name: str, need: Need, policy: Policy) -> str | None:
    """Return the text that a need fixes for a column, the first of several; else None."""
    if need.where is None:
        return None
    words = fixed_words(need.where.node, "row", name)
    if words:
        return min(words)
    for node in walk(need.where.node):
        match node:
            case Compare(op="==", left=Select(operand=Name(name="row"), field=field), right=right):
                value = _param(right, policy)
                if field == name and isinstance(value, str):
                    return value
            case _:
                continue
    return None


def _param(node: Node, policy: Policy) -> ParamValue | None:
    match node:
        case Select(operand=Name(name="params"), field=field):
            return policy.params[field].value
        case _:
            return None


def _questions(need: Need, policy: Policy) -> tuple[str, ...]:
    if need.of is None or isinstance(need.of, tuple):
        return need.of or ()
    value = _param(need.of.node, policy)
    return tuple(map(str, value)) if isinstance(value, tuple) else ("<question>",)


def _answers(rule: str, asked: Attested) -> Iterator[JsonValue]:
    for number in range(asked.people):
        yield {
            "rule": rule,
            "person": f"person-{number + 1}",
            "role": asked.role,
            "answer": "yes",
            "signed_at": "2026-01-30T00:00:00Z",
        }
