"""Every rule in plain English, made from its tree: what a governance lead reads instead of code."""

from collections.abc import Mapping
from typing import Final

from assaybook.domain.expression import Expression, Literal_, Node
from assaybook.domain.policy import Assurance, Attested, Need, Param, Rule
from assaybook.language.sentence_expressions import clause, phrase, said, speech_of
from assaybook.language.sentence_nouns import need_thing, thing_of
from assaybook.language.sentence_words import Speech, Thing, joined, value_words

_ASSURANCE: Final[Mapping[Assurance, str]] = {
    Assurance.SELF: "from anybody",
    Assurance.CI: "from an authenticated pipeline or better",
    Assurance.SIGNED: "with a verified signature or better",
    Assurance.VERIFIED: "with verified signature, provenance and digest",
}


def rule_sentence(rule: Rule, needs: Mapping[str, Need], params: Mapping[str, Param]) -> str:
    """Return a rule in English, with the values of params in force; pure and cheap.

    Args:
        rule: with typed expressions.
        needs: the policy's needs by name.
        params: with the values in force; one without a value reads ``(not set)``.
    """
    speech = speech_of(needs, params, dict(rule.lets))
    lines = [_let(name, expression, speech) for name, expression in rule.lets]
    if rule.for_each is not None:
        lines.append(_each(rule, rule.for_each, speech))
    elif rule.attested is not None:
        lines.append(_attested(rule.attested, speech))
    elif rule.pass_when is not None:
        lines.append(_whole(rule, rule.pass_when, speech))
    if rule.enough is not None:
        lines.append("Otherwise there is too little to judge, and the answer is undecided.")
    if rule.on_unknown == "fail":
        lines.append("What cannot be decided is a fail.")
    return " ".join(lines)


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
    return said(node, speech)


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
        parts.append(f"complete only where {clause(need.covers.node, speech)}")
    if need.may_skip is not None:
        parts.append(f"accepting as skipped {phrase(need.may_skip.node, speech)}")
    if need.min_examined < 1:
        parts.append(f"with at least {need.min_examined * 100:.10g} % examined")
    if need.may_be_empty:
        parts.append("none at all where the examination is proven complete")
    return f"{', '.join(parts)}."


def _let(name: str, expression: Expression, speech: Speech) -> str:
    return f'Take "{name}" to be {phrase(expression.node, speech)}.'


def _each(rule: Rule, over: Expression, speech: Speech) -> str:
    thing = thing_of(over.node, speech)
    inner = speech.inside("row", thing)
    parts = [f"For each {thing.single}"]
    if rule.where is not None:
        parts[0] += thing.link(_closed(rule.where.node, inner))
    if rule.at_least is not None:
        parts.append(_at_least(rule.at_least.node, speech))
    if rule.enough is not None:
        parts.append(f"given that {_closed(rule.enough.node, inner)}")
    judged = clause(rule.pass_when.node, inner) if rule.pass_when is not None else ""
    return f"{', '.join(parts)}: {judged}."


def _closed(node: Node, speech: Speech) -> str:
    """Return a clause, in brackets where a mark in it could end it early."""
    text = clause(node, speech)
    depth = 0
    for character in text:
        depth += (character == "(") - (character == ")")
        if depth == 0 and character in ",;:":
            return f"({text})"
    return text


def _at_least(node: Node, speech: Speech) -> str:
    if isinstance(node, Literal_) and node.value == 0:
        return "if there are any"
    return f"at least {phrase(node, speech)} of them"


def _whole(rule: Rule, expression: Expression, speech: Speech) -> str:
    judged = clause(expression.node, speech)
    if rule.enough is not None:
        judged = f"given that {_closed(rule.enough.node, speech)}: {judged}"
    return f"{judged[:1].upper()}{judged[1:]}."


def _attested(asked: Attested, speech: Speech) -> str:
    people = "One person" if asked.people == 1 else f"{asked.people} different persons"
    verb = "has" if asked.people == 1 else "have"
    within = phrase(asked.valid_for.node, speech)
    question = asked.question.rstrip()
    return (
        f'{people} with the role "{asked.role}" {verb} answered yes, within the last {within} and '
        f'with nobody\'s standing no, to: "{question}".'
    )
