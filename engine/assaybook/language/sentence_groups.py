"""Chains of ``&&`` and ``||`` as the statements they make, what speaks of one thing as one."""

from collections.abc import Sequence
from typing import Final

from assaybook.domain.durations import read_duration
from assaybook.domain.expression import (
    And,
    Call,
    Compare,
    Has,
    In,
    ListOf,
    Literal_,
    Name,
    Node,
    Or,
    Select,
    chained,
)
from assaybook.language.sentence_nouns import subject_words
from assaybook.language.sentence_parts import OPERATORS, is_ratio, is_truth
from assaybook.language.sentence_shape import Said, joined
from assaybook.language.sentence_words import ADJECTIVES, DONE, Speech, field_label
from assaybook.language.text import unparse

_TWO: Final = 2


def parts_of(node: Node, speech: Speech, *, negated: bool = False) -> list[Said]:
    """Return the statements of a chain, one alone for any other node."""
    if isinstance(node, Or):
        one = _one_of_values(node, speech, negated=negated)
        one = one or (None if negated else _one_of_pairs(node, speech))
        if one is not None:
            return [one]
    if isinstance(node, And) and not negated:
        return _together(chained(node, And), speech)
    return [speech.say_clause(part, speech, negated=negated) for part in chained(node, type(node))]


def choice(items: list[str], *, negated: bool) -> str:
    """Return what stands behind ``is``, for values of which one is meant."""
    if len(items) == 1:
        return f"{'not ' if negated else ''}{items[0]}"
    if len(items) == _TWO:
        lead, word = ("neither", "nor") if negated else ("either", "or")
        return f"{lead} {items[0]} {word} {items[1]}"
    return f"{'none' if negated else 'one'} of {joined(items, 'or')}"


def allowed_by(node: Node, speech: Speech) -> tuple[str, frozenset[object]] | None:
    """Return the field of the innermost row that a node compares, with the values it may have."""
    match node:
        case Compare(
            op="==", left=Select(operand=Name(name=row), field=field), right=Literal_(value=value)
        ):
            values = frozenset[object]({value})
        case In(item=Select(operand=Name(name=row), field=field), container=ListOf(items=items)):
            literals = [item for item in items if isinstance(item, Literal_)]
            if len(literals) < len(items):
                return None
            values = frozenset[object](item.value for item in literals)
        case _:
            return None
    return (field, values) if speech.bound and speech.bound[-1][0] == row else None


def _value(literal: Literal_, other: Node, speech: Speech) -> str:
    if literal.value == "":
        return "empty"
    return speech.say_phrase(literal, speech, ratio=is_ratio(other))


def _one_of_values(node: Or, speech: Speech, *, negated: bool) -> Said | None:
    """Say ``x == a || x == b`` as a choice of values."""
    parts = chained(node, Or)
    found = [_equal_to(part) for part in parts]
    pairs = [each for each in found if each is not None]
    if len(pairs) < len(parts) or len({unparse(left) for left, _right in pairs}) > 1:
        return None
    left = pairs[0][0]
    items = [_value(right, left, speech) for _left, right in pairs]
    words = speech.say_phrase(left, speech.beside((left,)))
    narrowed = None if negated else allowed_by(parts[0], speech)
    if narrowed is not None:
        narrowed = (narrowed[0], frozenset(right.value for _left, right in pairs))
    return Said(f"{words} is {choice(items, negated=negated)}", 0, narrowed)


def _equal_to(node: Node) -> tuple[Node, Literal_] | None:
    """Return the sides of ``x == literal``, None for a truth and for any other node."""
    match node:
        case Compare(op="==", left=left, right=Literal_() as right) if not is_truth(left.type):
            return left, right
        case _:
            return None


def _one_of_pairs(node: Or, speech: Speech) -> Said | None:
    """Say ``x == a && y == b || x == c && y == d`` as a choice of pairs."""
    rows = [[_field_is(each) for each in chained(part, And)] for part in chained(node, Or)]
    pairs = [[each for each in row if each is not None] for row in rows]
    heads = {tuple(unparse(each[0]) for each in row) for row in pairs}
    fields = [each[0] for each in pairs[0]]
    owners = {unparse(field.operand) for field in fields}
    if any(None in row for row in rows) or len(heads) > 1 or len(owners) > 1:
        return None
    owner = subject_words(fields[0].operand, speech)
    whose = "its" if owner == "it" else f"{owner}'s"
    labels = joined([field_label(field.field) for field in fields], "and")
    options = [
        joined([_value(value, field, speech) for field, value in row], "and") for row in pairs
    ]
    return Said(f"{whose} {labels} are either {', or '.join(options)}", 1)


def _field_is(node: Node) -> tuple[Select, Literal_] | None:
    """Return the sides of ``row.field == literal``, None for a truth and for any other node."""
    match _equal_to(node):
        case Select(operand=Name()) as field, literal:
            return field, literal
        case _:
            return None


def _together(nodes: Sequence[Node], speech: Speech) -> list[Said]:
    """Say statements that all hold, joining the two that speak of one value."""
    found: list[Said] = []
    rest = list(nodes)
    while rest:
        first = rest.pop(0)
        said = None
        for other in rest if isinstance(first, Has | Compare) else ():
            said = _recent(first, other, speech) or _known(first, other, speech)
            if said is not None:
                rest.remove(other)
                break
        found.append(said or speech.say_clause(first, speech))
    return found


def _recent(first: Node, second: Node, speech: Speech) -> Said | None:
    """Say that an age is at least something, zero being now, and at most something."""
    for low, high in ((first, second), (second, first)):
        match low, high:
            case (
                Compare(op=">=" | ">" as over, left=Call(function="age", args=(at,)), right=least),
                Compare(
                    op="<=" | "<" as under, left=Call(function="age", args=(same,)), right=most
                ),
            ) if unparse(at) == unparse(same):
                if _is_zero(least) and (over, under) == (">=", "<="):
                    return _within(at, speech.say_phrase(most, speech), speech)
                ends = ((OPERATORS[over], least), (OPERATORS[under], most))
                words = [f"{op} {speech.say_phrase(end, speech)}" for op, end in ends]
                return Said(
                    f"the time since {speech.say_phrase(at, speech)} {words[0]} and {words[1]}", 1
                )
            case _:
                continue
    return None


def _is_zero(node: Node) -> bool:
    match node:
        case Call(function="duration", args=(Literal_(value=str(text)),)):
            return not read_duration(text)
        case _:
            return False


def _within(at: Node, length: str, speech: Speech) -> Said:
    words = f"{speech.say_phrase(at, speech)} lies"
    if isinstance(at, Select) and at.field in DONE:
        owner = subject_words(at.operand, speech)
        words = f"{owner} was {DONE[at.field]}" if owner else words
    last = length.removeprefix("the ")
    return Said(f"{words} within the last {last} and not in the future", 1)


def _known(first: Node, second: Node, speech: Speech) -> Said | None:
    """Say that a value is known and what it is."""
    if not isinstance(first, Has):
        return None
    if isinstance(second, Select) and second.field == first.field in ADJECTIVES:
        subject = subject_words(second.operand, speech)
        return Said(f"{subject} is known to be {ADJECTIVES[first.field]}") if subject else None
    if not isinstance(second, Compare | In):
        return None
    value = second.left if isinstance(second, Compare) else second.item
    if not isinstance(value, Select) or value.field != first.field:
        return None
    known = speech.say_clause(first, speech).text
    said = speech.say_clause(second, speech)
    start = known.removesuffix("known")
    if not said.text.startswith(start):
        return None
    return Said(f"{known} to be {said.text.removeprefix(start)}", said.weight, said.allowed)
