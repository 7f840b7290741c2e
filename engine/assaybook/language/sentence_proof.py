"""What must have been examined before a rule can pass, in plain words."""

from collections.abc import Iterator
from typing import Final

from assaybook.domain.expression import Expression, Name, Node, Not, Quantifier
from assaybook.domain.policy import Need, Rule
from assaybook.language.sentence_expressions import phrase
from assaybook.language.sentence_nouns import need_thing
from assaybook.language.sentence_parts import param_of
from assaybook.language.sentence_shape import clean, joined
from assaybook.language.sentence_words import SOUGHT, WHOLE, Speech, value_words
from assaybook.language.text import children, walk

_SCANNED: Final = frozenset({"pii", "security"})


def proofs(rule: Rule, speech: Speech) -> list[str]:
    """Return a sentence for each need whose questions must all have been asked for a pass.

    A need of which one row is enough wants none: the row itself is the proof.
    """
    lines: list[str] = []
    for name in _asked(rule):
        need = speech.needs.get(name)
        if need is None or need.of is None:
            continue
        judged = rule.for_each is not None and _is_name(rule.for_each.node, name)
        what = "it" if judged else f"what is said of the {need_thing(need, speech).plural}"
        done = "scanned" if need.facts in _SCANNED else "examined"
        how = _how_much(need, speech) if need.may_be_empty else ""
        lines.append(
            f"To prove {what}, {WHOLE[need.about]} must have been {done}{how}, "
            f"looking for {_looked_for(need.of, speech)}."
        )
    return lines


def _asked(rule: Rule) -> list[str]:
    """Return the names that a rule reads otherwise than to find one row in them."""
    parts = (rule.for_each, rule.where, rule.pass_when, rule.enough)
    lets = [expression for _name, expression in rule.lets]
    nodes = [part.node for part in (*lets, *parts) if part is not None]
    return list(dict.fromkeys(name for node in nodes for name in _names(node)))


def _names(node: Node) -> Iterator[str]:
    pending = [node]
    while pending:
        at = pending.pop()
        if isinstance(at, Name):
            yield at.name
        elif isinstance(at, Not):
            yield from (each.name for each in walk(at) if isinstance(each, Name))
        elif isinstance(at, Quantifier) and at.kind == "exists" and isinstance(at.over, Name):
            pending.append(at.body)
        else:
            pending.extend(reversed(children(at)))


def _is_name(node: Node, name: str) -> bool:
    return isinstance(node, Name) and node.name == name


def _how_much(need: Need, speech: Speech) -> str:
    share = "" if need.min_examined >= 1 else f" to at least {need.min_examined * 100:.10g} %"
    if need.may_skip is None:
        return share or " completely"
    param = param_of(need.may_skip.node, speech)
    if param is None or not isinstance(param.value, tuple):
        return f"{share or ' completely'} but for {phrase(need.may_skip.node, speech)}"
    if not param.value:
        return share or " completely"
    return f"{share or ' completely'} but for {joined(map(value_words, param.value), 'and')}"


def _looked_for(of: tuple[str, ...] | Expression, speech: Speech) -> str:
    if isinstance(of, tuple):
        return joined(map(_question, of), "and")
    param = param_of(of.node, speech)
    if param is not None and isinstance(param.value, tuple) and param.value:
        return joined((_question(str(value)) for value in param.value), "and")
    return phrase(of.node, speech)


def _question(name: str) -> str:
    """Return what was looked for: its noun, or the question without its family."""
    if name in SOUGHT:
        return SOUGHT[name][1]
    return clean(name.rpartition("/")[2].replace("_", " "))
