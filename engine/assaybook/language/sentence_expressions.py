"""Expressions in plain words: clauses for what is so, phrases for values, nouns for rows.

Whatever holds more than one clause becomes a list with labels, or stands in brackets, wherever a
reader could group it otherwise. "It" is always the row named last.
"""

from collections.abc import Mapping

from assaybook.domain.durations import read_duration
from assaybook.domain.expression import (
    ORDERS,
    And,
    Arithmetic,
    Call,
    Compare,
    Conditional,
    Expression,
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
from assaybook.domain.policy import Need, Param
from assaybook.domain.types import ListType, ScalarType
from assaybook.language.sentence_groups import allowed_by, choice, parts_of
from assaybook.language.sentence_nouns import (
    enclosed,
    list_words,
    narrowed_thing,
    subject_words,
    thing_of,
)
from assaybook.language.sentence_parts import (
    CALLS,
    OPERATORS,
    SUMS,
    TESTS,
    TIMES,
    is_ratio,
    is_time,
    is_truth,
    param_of,
    param_words,
)
from assaybook.language.sentence_shape import Said, both, clean, joined
from assaybook.language.sentence_words import (
    ADJECTIVES,
    Speech,
    field_label,
    value_words,
)
from assaybook.language.text import unparse


def speech_of(
    needs: Mapping[str, Need], params: Mapping[str, Param], lets: Mapping[str, Expression]
) -> Speech:
    """Return the speech of a rule, before any row is spoken of."""
    return Speech(needs, params, lets, clause, phrase, parts_of)


def said(node: Node, speech: Speech) -> str:
    """Return a clause for what is true or false, and a phrase for any other value."""
    return clause(node, speech).text if is_clause(node) else phrase(node, speech)


def is_clause(node: Node) -> bool:
    """Tell whether a node is said as a clause."""
    if isinstance(node, And | Or | Not | Compare | In | Has):
        return True
    return is_truth(node.type) or (isinstance(node, Quantifier) and node.kind in ("all", "exists"))


def clause(node: Node, speech: Speech, *, negated: bool = False) -> Said:
    """Return what must hold, as a clause without a full stop."""
    match node:
        case And() | Or():
            parts = parts_of(node, speech, negated=negated)
            said = both(parts, either=isinstance(node, Or) is not negated)
        case Not():
            said = clause(node.operand, speech, negated=not negated)
        case Compare():
            said = _compared(node, speech, negated=negated)
        case In():
            said = _membership(node, speech, negated=negated)
        case Quantifier(kind="all" | "exists"):
            said = _quantified(node, speech, negated=negated)
        case Conditional():
            test = clause(node.test, speech).closed
            then = clause(node.then, speech, negated=negated).closed
            other = clause(node.other, speech, negated=negated).closed
            said = Said(f"if {test}, then {then}, otherwise {other}", 2)
        case _:
            said = Said(_plain_clause(node, speech, negated=negated))
    return said


def _plain_clause(node: Node, speech: Speech, *, negated: bool) -> str:
    no = "not " if negated else ""
    if isinstance(node, Has):
        return f"{_field(node.operand, node.field, speech)} is {no}known"
    if isinstance(node, Call) and node.function in TESTS:
        text, part = (phrase(arg, speech) for arg in node.args)
        return f"{text} {TESTS[node.function][negated]} {part}"
    if isinstance(node, Select) and node.field in ADJECTIVES:
        subject = subject_words(node.operand, speech) or phrase(node.operand, speech)
        return f"{subject} is {no}{ADJECTIVES[node.field]}"
    if isinstance(node, Name) and node.name in speech.lets:
        return f"{phrase(node, speech)} {'does not hold' if negated else 'holds'}"
    param = param_of(node, speech)
    if param is not None:
        now = "not set yet" if param.value is None else f"it is {'on' if param.value else 'off'}"
        return f"the setting {param.name} is {no}on ({now})"
    return f"{phrase(node, speech)} is {'false' if negated else 'true'}"


def _compared(node: Compare, speech: Speech, *, negated: bool) -> Said:
    if is_truth(node.left.type) and node.op in ("==", "!="):
        return _agreed(node, speech, negated=negated is not (node.op == "!="))
    beside = speech.beside((node.left, node.right))
    ratio = is_ratio(node.left) or is_ratio(node.right)
    left, right = phrase(node.left, beside, ratio=ratio), phrase(node.right, beside, ratio=ratio)
    words = (TIMES if is_time(node.left.type) else OPERATORS)[node.op]
    if isinstance(node.right, Literal_) and node.right.value == "":
        right = "empty"
    other = _same_of_another(node, beside)
    if other is not None:
        left, right = f"its {other[0]}", f"that of {other[1]}"
    if negated:
        words = words.replace("is not", "is") if "not" in words else f"is not{words[2:]}"
    elif _is_young(node):
        right += " (also where that is still to come)"
    return Said(f"{left} {words} {right}", 0, None if negated else allowed_by(node, speech))


def _is_young(node: Compare) -> bool:
    """Tell whether a node says that a time is less than so long ago, as what is to come is too."""
    young, op = (node.left, node.op) if node.op in ("<", "<=") else (node.right, node.op)
    return isinstance(young, Call) and young.function == "age" and op in ORDERS


def _same_of_another(node: Compare, speech: Speech) -> tuple[str, str] | None:
    """Return field and owner where a row is compared with another by one field of both."""
    left, right = node.left, node.right
    if not (isinstance(left, Select) and isinstance(right, Select) and left.field == right.field):
        return None
    mine, other = (subject_words(each.operand, speech) for each in (left, right))
    if other == "it" and node.op in ("==", "!="):
        mine, other = other, mine
    return (field_label(left.field), other) if mine == "it" and other not in (None, "it") else None


def _agreed(node: Compare, speech: Speech, *, negated: bool) -> Said:
    """Say that two truths agree; with one written out, that the other holds or does not."""
    for truth, other in ((node.right, node.left), (node.left, node.right)):
        if isinstance(truth, Literal_):
            return clause(other, speech, negated=negated is bool(truth.value))
    left, right = (clause(side, speech).text for side in (node.left, node.right))
    if negated:
        return Said(f"exactly one of ({left}) and ({right}) holds")
    return Said(f"({left}) holds exactly where ({right}) holds")


def _membership(node: In, speech: Speech, *, negated: bool) -> Said:
    beside = speech.beside((node.item, node.container))
    item = phrase(node.item, beside)
    no = "not " if negated else ""
    if not isinstance(node.container, ListOf) or not node.container.items:
        return Said(f"{item} is {no}among {list_words(node.container, beside)}")
    ratio = is_ratio(node.item)
    items = [phrase(each, beside, ratio=ratio) for each in node.container.items]
    if all(isinstance(each, Literal_) for each in node.container.items) or len(items) == 1:
        words = choice(items, negated=negated)
    else:
        words = f"{'none' if negated else 'one'} of ({', '.join(items)})"
    return Said(f"{item} is {words}", 0, None if negated else allowed_by(node, speech))


def _quantified(node: Quantifier, speech: Speech, *, negated: bool) -> Said:
    thing = thing_of(node.over, speech)
    if node.kind == "exists":
        start = "there is no" if negated else "there is at least one"
        found = narrowed_thing(thing, node, speech)
        return Said(f"{start} {found.single}", max(1, found.weight))
    inner, inside, beside = node.body, speech.inside(node.variable, thing), ""
    if (
        isinstance(inner, Quantifier)
        and inner.kind == "all"
        and unparse(inner.over) == unparse(node.over)
    ):
        inside, beside = inside.inside(inner.variable, thing), " beside each"
        inner = inner.body
    body = clause(inner, inside)
    words = f"{'not ' if negated else ''}for every {thing.single_closed}{beside}, {body.text}"
    return Said(words, 2 if body.weight or thing.weight > 1 else 1)


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
            test = clause(node.test, speech).closed
            words = f"({then} if {test}, otherwise {other})"
        case ListOf() | Quantifier(kind="filter" | "map"):
            words = list_words(node, speech)
        case Quantifier(kind="only"):
            thing = narrowed_thing(thing_of(node.over, speech), node, speech)
            words = enclosed(f"the one {thing.single}", thing)
        case MapOf():
            words = f"the map {clean(unparse(node))}"
        case _:
            words = f"whether {clause(node, speech).closed}"
    return words


def _named(node: Name, speech: Speech) -> str:
    subject = speech.subject_of(node.name)
    if subject is not None:
        return subject
    if node.name in speech.needs:
        return list_words(node, speech)
    return f'"{node.name}"' if node.name in speech.lets else f"the {node.name}"


def _selected(node: Select, speech: Speech) -> str:
    param = param_of(node, speech)
    if param is not None:
        return param_words(param)
    if isinstance(node.operand.type, ListType) and isinstance(node.operand, Name):
        return list_words(node, speech)
    return _field(node.operand, node.field, speech)


def _field(operand: Node, field: str, speech: Speech) -> str:
    label = field_label(field)
    subject = subject_words(operand, speech)
    if subject == "it":
        return f"its {label}"
    if subject is not None:
        return f"{subject}'s {label}"
    return f"the {label} of {phrase(operand, speech)}"


def _bracketed(node: Node, speech: Speech, *, ratio: bool) -> str:
    text = phrase(node, speech, ratio=ratio)
    return f"({text})" if isinstance(node, Arithmetic | Negate | Quantifier) else text


def _sum(node: Arithmetic, speech: Speech, *, ratio: bool) -> str:
    if _is_gap(node):
        return f"the difference between the greatest and {phrase(node.right, speech)}"
    plain = node.op in ("+", "-")
    left = _bracketed(node.left, speech, ratio=ratio and plain)
    right = _bracketed(node.right, speech, ratio=ratio and plain)
    if node.op == "%":
        return f"the remainder of {left} divided by {right}"
    if isinstance(node.left.type, ListType):
        return f"{left} together with {right}"
    return f"{left} {SUMS[node.op]} {right}"


def _is_gap(node: Arithmetic) -> bool:
    """Tell whether a node is the greatest less the least of the same values."""
    match node:
        case Arithmetic(
            op="-",
            left=Call(function="math.greatest", args=high),
            right=Call(function="math.least", args=low),
        ):
            return [unparse(each) for each in high] == [unparse(each) for each in low]
        case _:
            return False


def _called(node: Call, speech: Speech) -> str:
    name, args = node.function, node.args
    if name in TESTS:
        return f"whether {clause(node, speech).text}"
    if name == "size":
        return _size(args[0], speech)
    if name in ("duration", "timestamp") and isinstance(args[0], Literal_):
        text = str(args[0].value)
        return value_words(read_duration(text)) if name == "duration" else clean(text)
    if name in ("math.least", "math.greatest"):
        word = name.removeprefix("math.")
        inner = [phrase(arg, speech) for arg in args]
        return f"the {word} of {joined(inner, 'and')}"
    words = [_bracketed(arg, speech, ratio=False) for arg in args]
    if name.startswith("stats.wilson"):
        words[2] = _percent(args[2], speech)
    return CALLS[name].format(*words) + _more_of(name, args, words)


def _more_of(name: str, args: tuple[Node, ...], words: list[str]) -> str:
    """Return what the words of a call leave open: the time zone of a date, a text made a number."""
    if name.startswith("get") and len(words) > 1:
        return f" in the time zone {words[1]}"
    if name.startswith("get") and is_time(args[0].type):
        return " in UTC"
    text = isinstance(args[0].type, ScalarType) and args[0].type.name == "string"
    return " as a number" if name == "double" and text else ""


def _percent(node: Node, speech: Speech) -> str:
    param = param_of(node, speech)
    value = node.value if isinstance(node, Literal_) else param and param.value
    if isinstance(value, float):
        return f"{value * 100:.10g} %"
    return f"{_bracketed(node, speech, ratio=False)} level"


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
