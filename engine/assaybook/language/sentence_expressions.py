"""Expressions in plain words: clauses for what is so, phrases for values, nouns for rows.

Whatever holds more than one clause stands in brackets inside another, so that no reader can group
it otherwise. "It" is always the row named last.
"""

from dataclasses import replace
from typing import Final

from assaybook.domain.durations import read_duration
from assaybook.domain.expression import (
    And,
    Arithmetic,
    Call,
    Compare,
    Conditional,
    Has,
    In,
    Index,
    ListOf,
    Literal_,
    MapOf,
    Name,
    Negate,
    Node,
    Not,
    Or,
    Quantifier,
    Select,
)
from assaybook.domain.policy import Need
from assaybook.domain.types import BOOL, ListType, ScalarType
from assaybook.language.sentence_parts import (
    CALLS,
    OPERATORS,
    SUMS,
    TESTS,
    TIMES,
    chain,
    fixed_text,
    holds_plain,
    is_ratio,
    is_time,
    owner_words,
    param_of,
    param_words,
)
from assaybook.language.sentence_words import (
    ABOUT,
    ADJECTIVES,
    NOUNS,
    Speech,
    Thing,
    both,
    field_label,
    joined,
    singular,
    value_words,
)
from assaybook.language.text import reads, unparse

_COMPLEX: Final = (And, Or, Conditional, Quantifier)


def said(node: Node, speech: Speech) -> str:
    """Return a clause for what is true or false, and a phrase for any other value."""
    return clause(node, speech) if _is_clause(node) else phrase(node, speech)


def _is_clause(node: Node) -> bool:
    if isinstance(node, And | Or | Not | Compare | In | Has):
        return True
    return node.type == BOOL or (isinstance(node, Quantifier) and node.kind in ("all", "exists"))


def clause(node: Node, speech: Speech, *, negated: bool = False) -> str:
    """Return what must hold, as a clause without a full stop."""
    match node:
        case And() | Or():
            parts = [_grouped(part, speech, negated=negated) for part in chain(node, type(node))]
            words = both(parts, either=isinstance(node, Or) is not negated)
        case Not():
            words = clause(node.operand, speech, negated=not negated)
        case Compare():
            words = _compared(node, speech, negated=negated)
        case In():
            words = _membership(node, speech, negated=negated)
        case Quantifier(kind="all" | "exists"):
            words = _quantified(node, speech, negated=negated)
        case Conditional():
            test = _grouped(node.test, speech, negated=False)
            then = _grouped(node.then, speech, negated=negated)
            other = _grouped(node.other, speech, negated=negated)
            words = f"if {test}, then {then}, otherwise {other}"
        case _:
            words = _plain_clause(node, speech, negated=negated)
    return words


def _plain_clause(node: Node, speech: Speech, *, negated: bool) -> str:
    no = "not " if negated else ""
    if isinstance(node, Has):
        return f"{_field(node.operand, node.field, speech)} is {no}known"
    if isinstance(node, Call) and node.function in TESTS:
        text, part = (phrase(arg, speech) for arg in node.args)
        return f"{text} {TESTS[node.function][negated]} {part}"
    if isinstance(node, Select) and node.field in ADJECTIVES:
        subject = _subject(node.operand, speech)
        if subject is not None:
            return f"{subject} is {no}{ADJECTIVES[node.field]}"
    return f"{phrase(node, speech)} is {'false' if negated else 'true'}"


def _grouped(node: Node, speech: Speech, *, negated: bool) -> str:
    text = clause(node, speech, negated=negated)
    inner = node
    while isinstance(inner, Not):
        inner = inner.operand
    return f"({text})" if isinstance(inner, _COMPLEX) else text


def _compared(node: Compare, speech: Speech, *, negated: bool) -> str:
    ratio = is_ratio(node.left) or is_ratio(node.right)
    left, right = phrase(node.left, speech, ratio=ratio), phrase(node.right, speech, ratio=ratio)
    words = (TIMES if is_time(node.left.type) else OPERATORS)[node.op]
    if isinstance(node.right, Literal_) and node.right.value == "":
        right = "empty"
    if negated:
        words = words.replace("is not", "is") if "not" in words else f"is not{words[2:]}"
    return f"{left} {words} {right}"


def _membership(node: In, speech: Speech, *, negated: bool) -> str:
    item = phrase(node.item, speech)
    listed = _listed(node.container, speech)
    if listed is None:
        where = list_words(node.container, speech)
        return f"{item} is {'not ' if negated else ''}among {where}"
    if not negated:
        return f"{item} is {joined(listed, 'or')}"
    return f"{item} is {'not' if len(listed) == 1 else 'none of'} {joined(listed, 'and')}"


def _listed(node: Node, speech: Speech) -> list[str] | None:
    """Return the elements of a list that is written out or set by a param."""
    if isinstance(node, ListOf) and node.items:
        return [phrase(item, speech) for item in node.items]
    param = param_of(node, speech)
    if param is not None and isinstance(param.value, tuple) and param.value:
        return [value_words(value) for value in param.value]
    return None


def _quantified(node: Quantifier, speech: Speech, *, negated: bool) -> str:
    thing = thing_of(node.over, speech)
    inner = speech.inside(node.variable, thing)
    if node.kind == "exists":
        start = "there is no" if negated else "there is at least one"
        return f"{start} {thing.single}{_link(thing)} {clause(node.body, inner)}"
    start = "not for every" if negated else "for every"
    return f"{start} {thing.single}, {clause(node.body, inner)}"


def _link(thing: Thing) -> str:
    return " and for which" if " for which " in thing.after else " for which"


def phrase(node: Node, speech: Speech, *, ratio: bool = False) -> str:
    """Return a value as a noun phrase; ``ratio`` writes numbers with two decimals or more."""
    match node:
        case Literal_():
            words = value_words(node.value, ratio=ratio or is_ratio(node))
        case Name():
            words = _named(node, speech)
        case Select():
            words = _selected(node, speech)
        case Negate():
            words = f"minus {_bracketed(node.operand, speech, ratio=ratio)}"
        case Arithmetic():
            words = _sum(node, speech, ratio=ratio)
        case Call():
            words = _called(node, speech)
        case _:
            words = _rarer_phrase(node, speech)
    return words


def _rarer_phrase(node: Node, speech: Speech) -> str:
    match node:
        case Index():
            words = _indexed(node, speech)
        case Conditional():
            then, other = phrase(node.then, speech), phrase(node.other, speech)
            test = _grouped(node.test, speech, negated=False)
            words = f"({then} if {test}, otherwise {other})"
        case ListOf() | Quantifier(kind="filter" | "map"):
            words = list_words(node, speech)
        case Quantifier(kind="only"):
            words = f"the one {_with(thing_of(node.over, speech), node, speech).single}"
        case MapOf():
            words = f"the map {unparse(node)}"
        case _:
            words = f"whether {clause(node, speech)}"
    return words


def _named(node: Name, speech: Speech) -> str:
    subject = speech.subject_of(node.name)
    if subject is not None:
        return subject
    if node.name in speech.needs:
        return list_words(node, speech)
    return f'"{node.name}"' if node.name in speech.lets else f"the {node.name}"


def _subject(node: Node, speech: Speech) -> str | None:
    if isinstance(node, Name):
        return speech.subject_of(node.name) or owner_words(node.name)
    return None


def _selected(node: Select, speech: Speech) -> str:
    param = param_of(node, speech)
    if param is not None:
        return param_words(param)
    if isinstance(node.operand.type, ListType) and isinstance(node.operand, Name):
        return list_words(node, speech)
    return _field(node.operand, node.field, speech)


def _field(operand: Node, field: str, speech: Speech) -> str:
    label = field_label(field)
    if isinstance(operand, Name) and operand.name == "params":
        return f"the param {label}"
    subject = _subject(operand, speech)
    if subject == "it":
        return f"its {label}"
    if subject is not None:
        return f"{subject}'s {label}"
    return f"the {label} of {phrase(operand, speech)}"


def _bracketed(node: Node, speech: Speech, *, ratio: bool) -> str:
    text = phrase(node, speech, ratio=ratio)
    return f"({text})" if isinstance(node, Arithmetic | Negate | Quantifier) else text


def _sum(node: Arithmetic, speech: Speech, *, ratio: bool) -> str:
    plain = node.op in ("+", "-")
    left = _bracketed(node.left, speech, ratio=ratio and plain)
    right = _bracketed(node.right, speech, ratio=ratio and plain)
    if node.op == "%":
        return f"the remainder of {left} divided by {right}"
    if isinstance(node.left.type, ListType):
        return f"{left} together with {right}"
    return f"{left} {SUMS[node.op]} {right}"


def _called(node: Call, speech: Speech) -> str:
    name, args = node.function, node.args
    if name in TESTS:
        return f"whether {clause(node, speech)}"
    if name == "size":
        return _size(args[0], speech)
    if name == "duration" and isinstance(args[0], Literal_) and isinstance(args[0].value, str):
        return value_words(read_duration(args[0].value))
    if name in ("math.least", "math.greatest"):
        word = name.removeprefix("math.")
        inner = [phrase(arg, speech) for arg in args]
        return f"the {word} of {joined(inner, 'and')}"
    words = [_bracketed(arg, speech, ratio=False) for arg in args]
    if name.startswith("stats.wilson"):
        words[2] = _percent(args[2], speech)
    zone = f" in the time zone {words[1]}" if name.startswith("get") and len(words) > 1 else ""
    return CALLS[name].format(*words) + zone


def _percent(node: Node, speech: Speech) -> str:
    if isinstance(node, Literal_) and isinstance(node.value, float):
        return f"{node.value * 100:.10g} %"
    return f"{phrase(node, speech)} level"


def _size(node: Node, speech: Speech) -> str:
    param = param_of(node, speech)
    if param is not None and isinstance(param.value, tuple):
        return str(len(param.value))
    if isinstance(node.type, ScalarType) and node.type.name == "string":
        return f"the number of characters of {phrase(node, speech)}"
    return f"the number of {list_words(node, speech, counted=True)}"


def _indexed(node: Index, speech: Speech) -> str:
    words = list_words(node.operand, speech)
    if isinstance(node.index, Literal_) and isinstance(node.index.value, int):
        return f"number {node.index.value + 1} of {words}"
    return f"number ({phrase(node.index, speech)} plus 1) of {words}"


def list_words(node: Node, speech: Speech, *, counted: bool = False) -> str:
    """Return a list as a noun phrase; ``counted`` leaves the article to ``the number of``."""
    match node:
        case ListOf(items=()):
            words = "an empty list"
        case ListOf():
            words = f"the list {joined([phrase(item, speech) for item in node.items], 'and')}"
        case Quantifier(kind="map"):
            words = _mapped(node, speech)
        case Name() if node.name in speech.lets:
            words = f'entries of "{node.name}"' if counted else f'"{node.name}"'
        case Arithmetic() | Conditional() | Call() | Index():
            words = phrase(node, speech)
        case _:
            param = param_of(node, speech)
            words = f"the {thing_of(node, speech).plural}" if param is None else param_words(param)
            return words.removeprefix("the ") if counted else words
    return words


def _mapped(node: Quantifier, speech: Speech) -> str:
    thing = thing_of(node.over, speech)
    if node.test is not None:
        thing = _with(thing, node, speech)
    inner = speech.inside(node.variable, thing)
    body = node.body
    own = isinstance(body, Select) and isinstance(body.operand, Name)
    if own and reads(body) == {node.variable}:
        return f"the {field_label(body.field)} of each of the {thing.plural}"
    return f"({phrase(body, inner)}) for each of the {thing.plural}"


def thing_of(node: Node, speech: Speech) -> Thing:
    """Return the noun for the rows of a list."""
    match node:
        case Name() if node.name in speech.needs:
            return need_thing(speech.needs[node.name], speech)
        case Name():
            name = f'entry of "{node.name}"'
            return Thing(name, f'entries of "{node.name}"', name, scalar=holds_plain(node))
        case Quantifier(kind="filter"):
            return _with(thing_of(node.over, speech), node, speech)
        case Select():
            return _part(node, speech)
        case _:
            words = list_words(node, speech)
            return Thing(
                f"entry of {words}", f"entries of {words}", "entry", scalar=holds_plain(node)
            )


def _with(thing: Thing, node: Quantifier, speech: Speech) -> Thing:
    """Add the condition of a filter, ``map`` or ``only`` to the noun."""
    condition = node.body if node.test is None else node.test
    words = _grouped(condition, speech.inside(node.variable, thing), negated=False)
    return replace(thing, after=f"{thing.after}{_link(thing)} {words}")


def _part(node: Select, speech: Speech) -> Thing:
    """Return the noun for a list inside a record, a param, or a need's coverage."""
    param = param_of(node, speech)
    if param is not None:
        one = singular(param.name)
        values = _listed(node, speech)
        after = " (not set)" if values is None else f" ({joined(values, 'or')})"
        return Thing(f"listed {one}", f"listed {one} values", f"listed {one}", after, scalar=True)
    if isinstance(node.operand, Name) and node.operand.name in speech.needs:
        of = f" of {node.operand.name}"
        if node.field == "coverage":
            return Thing("examination", "examinations", "examination", of)
        return Thing("document", "documents", "document", of)
    one = singular(node.field)
    owner = _subject(node.operand, speech) or phrase(node.operand, speech)
    many = node.field.replace("_", " ")
    return Thing(one, many, one, f" of {owner}", scalar=holds_plain(node))


def need_thing(need: Need, speech: Speech) -> Thing:
    """Return the noun for the rows of a need, its ``where`` folded in."""
    one, many = NOUNS[need.facts]
    after = ""
    rest: list[Node] = []
    for part in [] if need.where is None else chain(need.where.node, And):
        field, value = fixed_text(part)
        if need.facts == "metric" and field == "name":
            one, many = (f"{value.replace('_', ' ')} {noun}" for noun in NOUNS["metric"])
        elif field == "split":
            after += f" on the {value} split"
        elif field == "dataset":
            after += f" on the data set {value}"
        elif field:
            after += f' with {field_label(field)} "{value}"'
        else:
            rest.append(part)
    after += ABOUT[need.about]
    if need.last is not None:
        after += f" in each of the newest {need.last} documents (oldest first)"
    thing = Thing(one, many, one, after)
    inner = speech.inside("row", thing)
    words = [_grouped(part, inner, negated=False) for part in rest]
    if not words:
        return thing
    held = f"({both(words, either=False)})" if len(words) > 1 else words[0]
    return replace(thing, after=f"{after} for which {held}")
