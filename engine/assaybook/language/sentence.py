"""Every rule in plain English, made from its tree: what a governance lead reads instead of code."""

from collections.abc import Mapping
from typing import Final

from assaybook.domain.expression import (
    And,
    Call,
    Expression,
    ListOf,
    Literal_,
    Name,
    Node,
    Not,
    Quantifier,
)
from assaybook.domain.policy import Assurance, Attested, Need, Param, Policy, Rule
from assaybook.domain.types import ListType
from assaybook.language.sentence_expressions import clause, is_clause, phrase, said, speech_of
from assaybook.language.sentence_nouns import list_words, need_thing, parts_said, thing_of
from assaybook.language.sentence_parts import param_of
from assaybook.language.sentence_proof import proofs
from assaybook.language.sentence_shape import Said, Thing, clean, finished, joined
from assaybook.language.sentence_words import Speech, value_words

_ASSURANCE: Final[Mapping[Assurance, str]] = {
    Assurance.SELF: "from anybody",
    Assurance.CI: "from an authenticated pipeline or better",
    Assurance.SIGNED: "with a verified signature or better",
    Assurance.VERIFIED: "with verified signature, provenance and digest",
}
_COUNTS: Final[Mapping[int, str]] = {2: "Two", 3: "Three", 4: "Four", 5: "Five"}


def rule_sentence(rule: Rule, needs: Mapping[str, Need], params: Mapping[str, Param]) -> str:
    """Return a rule in English, with the values of params in force; pure and cheap.

    Args:
        rule: with typed expressions.
        needs: the policy's needs by name.
        params: with the values in force; one without a value reads ``(not set yet)``.
    """
    speech = speech_of(needs, params, dict(rule.lets))
    lines = [_let(name, expression, speech) for name, expression in rule.lets]
    if rule.for_each is not None:
        lines += _each(rule, rule.for_each, speech)
    elif rule.attested is not None:
        lines.append(_attested(rule.attested, speech))
    elif rule.pass_when is not None:
        lines.append(_sentence(clause(rule.pass_when.node, speech).text))
        if _may_lack(rule.pass_when.node, speech):
            lines.append("With none, it is undecided.")
        if rule.enough is not None:
            lines.append(f"It is undecided unless {clause(rule.enough.node, speech).text}.")
    lines += proofs(rule, speech)
    if rule.on_unknown == "fail":
        lines.append("What cannot be decided is a fail.")
    return finished(" ".join(lines))


def expression_words(
    node: Node,
    needs: Mapping[str, Need],
    params: Mapping[str, Param],
    *,
    lets: Mapping[str, Expression] | None = None,
    row: str = "",
) -> str:
    """Return a typed node in English: a clause where it is true or false, else a noun phrase.

    Args:
        node: typed.
        needs: by name.
        params: with the values in force.
        lets: names bound in the rule.
        row: noun for ``row`` where the node is about one (``document``); empty for none.
    """
    speech = speech_of(needs, params, lets or {})
    if row:
        speech = speech.inside("row", Thing(row, f"{row}s", row))
    return finished(said(node, speech))


def applies_sentence(policy: Policy) -> str | None:
    """Return for which systems and releases a policy is, in English; None where it is for all."""
    if policy.applies_when is None:
        return None
    words = expression_words(policy.applies_when.node, policy.needs, policy.params)
    return f"{words[:1].upper()}{words[1:]}."


def enough_words(rule: Rule, needs: Mapping[str, Need], params: Mapping[str, Param]) -> str:
    """Return what a rule calls enough, as a clause in English; empty where it asks nothing."""
    if rule.enough is None:
        return ""
    speech = speech_of(needs, params, dict(rule.lets))
    if rule.for_each is not None:
        speech = speech.inside("row", thing_of(rule.for_each.node, speech))
    return finished(clause(rule.enough.node, speech).text)


def uncapped(sentence: str) -> str:
    """Return a sentence as the end of another, as after ``when``: no capital and no stop."""
    return f"{sentence[:1].lower()}{sentence[1:].removesuffix('.')}"


def need_sentence(need: Need, params: Mapping[str, Param]) -> str:
    """Return which evidence a need takes, in English, with the values of params in force."""
    speech = speech_of({need.name: need}, params, {})
    parts = [f"The {need_thing(need, speech).plural}"]
    if need.fresh_for is None:
        parts.append("of any age")
    else:
        parts.append(f"no older than {phrase(need.fresh_for.node, speech)}")
    if need.within is not None:
        parts.append(f"the oldest within {phrase(need.within.node, speech)}")
    if isinstance(need.assurance, Assurance):
        parts.append(_ASSURANCE[need.assurance])
    else:
        parts.append(f"of at least the assurance {phrase(need.assurance.node, speech)}")
    if isinstance(need.of, tuple):
        parts.append(f"examined for {joined(map(value_words, need.of), 'and')}")
    elif need.of is not None:
        parts.append(f"examined for {phrase(need.of.node, speech)}")
    if need.covers is not None:
        parts.append(f"complete only where {clause(need.covers.node, speech).text}")
    if need.may_skip is not None:
        parts.append(f"accepting as skipped {phrase(need.may_skip.node, speech)}")
    if need.min_examined < 1:
        parts.append(f"with at least {need.min_examined * 100:.10g} % examined")
    if need.may_be_empty:
        parts.append("none at all where the examination is proven complete")
    return finished(f"{', '.join(parts)}.")


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."


def _let(name: str, expression: Expression, speech: Speech) -> str:
    node = expression.node
    if is_clause(node):
        return f'Take "{name}" to be whether {clause(node, speech).text}.'
    listed = isinstance(node.type, ListType)
    words = list_words(node, speech, alone=True) if listed else phrase(node, speech)
    return f'Take "{name}" to be {words}.'


def _may_lack(node: Node, speech: Speech) -> bool:
    """Tell whether a rule wants something of every row of a list that may turn out to be empty.

    A need that is proven empty satisfies it, and so does a list that is written out.
    """
    if isinstance(node, And):
        return _may_lack(node.left, speech) or _may_lack(node.right, speech)
    if not isinstance(node, Quantifier) or node.kind != "all" or isinstance(node.over, ListOf):
        return False
    param = param_of(node.over, speech)
    if param is not None:
        return param.value == ()
    need = speech.needs.get(node.over.name) if isinstance(node.over, Name) else None
    return need is None or not need.may_be_empty


def _each(rule: Rule, over: Expression, speech: Speech) -> list[str]:
    thing = thing_of(over.node, speech)
    if rule.where is not None:
        thing = thing.where(parts_said(rule.where.node, speech.inside("row", thing)))
    inner = speech.inside("row", thing)
    none = rule.at_least is not None and _is_number(rule.at_least.node, 0)
    lines = [_judged(rule.pass_when, thing, inner, none=none)]
    if rule.enough is not None:
        lines.append(f"Each is undecided unless {clause(rule.enough.node, inner).text}.")
    if rule.at_least is not None and not none:
        lines.append(f"With {_fewer(rule.at_least.node, speech)}, it is undecided.")
    return lines


def _judged(pass_when: Expression | None, thing: Thing, inner: Speech, *, none: bool) -> str:
    """Say what holds for each row; where there may be none, that there is none but for some."""
    judged = Said("") if pass_when is None else clause(pass_when.node, inner)
    if none and pass_when is not None and isinstance(pass_when.node, Not):
        bad = thing.where([clause(pass_when.node, inner, negated=True)])
        return f"There is no {bad.single}."
    if none and judged.weight <= 1:
        return f"There is no {thing.single_closed} unless {judged.text}."
    return f"For each {thing.single_closed}: {judged.text}."


def _is_number(node: Node, number: int) -> bool:
    return isinstance(node, Literal_) and node.value == number


def _fewer(node: Node, speech: Speech) -> str:
    """Return what is fewer than a rule asks for."""
    if _is_number(node, 1):
        return "none"
    words = phrase(node, speech)
    if words.isdecimal():
        return f"fewer than {words} of them"
    if isinstance(node, Call) and node.function == "size":
        return f"fewer of them than there are {words.removeprefix('the number of ')}"
    return f"fewer of them than {words}"


def _attested(asked: Attested, speech: Speech) -> str:
    count = _COUNTS.get(asked.people, str(asked.people))
    people = "One person" if asked.people == 1 else f"{count} different persons"
    verb = "has" if asked.people == 1 else "have"
    within = phrase(asked.valid_for.node, speech)
    question = asked.question.rstrip()
    return (
        f'{people} with the role "{clean(asked.role)}", other than who asked for the release, '
        f"{verb} answered yes, within the last {within} and with nobody's standing no, to: "
        f'"{clean(question)}".'
    )
