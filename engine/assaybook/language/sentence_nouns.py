"""Nouns for rows and lists: needs with their conditions folded in, filters, parts of records."""

from typing import Final

from assaybook.domain.expression import (
    And,
    ListOf,
    Name,
    Node,
    Quantifier,
    Select,
    chained,
)
from assaybook.domain.policy import Need
from assaybook.language.sentence_parts import (
    fixed_text,
    holds_plain,
    owner_words,
    param_of,
    param_values,
    param_words,
)
from assaybook.language.sentence_shape import Said, Thing, clean, joined
from assaybook.language.sentence_words import (
    ABOUT,
    NOUNS,
    SOUGHT,
    Speech,
    field_label,
    metric_words,
    singular,
)
from assaybook.language.text import reads

_WHOLE: Final = {
    ("metric", "slice"): " over all slices together",
    ("drift", "column"): " of the whole data set",
}
"""What an empty text in a field means."""
_WORDED: Final = {
    ("direction", "higher"): " (more is better)",
    ("direction", "lower"): " (less is better)",
}
"""What a fixed word in a field means, where it reads better than the word."""
_DOCUMENTS: Final = {"dataset": "data set"}


def subject_words(node: Node, speech: Speech) -> str | None:
    """Return what a record is called, None where it has no name."""
    if isinstance(node, Name):
        return speech.subject_of(node.name) or owner_words(node.name)
    return None


def list_words(node: Node, speech: Speech, *, counted: bool = False, alone: bool = False) -> str:
    """Return a list as a noun phrase.

    Args:
        node: typed as a list.
        speech: what it can name.
        counted: the article is left to ``the number of``.
        alone: nothing follows, so no brackets are needed.
    """
    match node:
        case ListOf(items=()):
            words = "an empty list"
        case ListOf():
            items = [speech.say_phrase(item, speech) for item in node.items]
            words = f"{'entries of ' if counted else ''}the list {joined(items, 'and')}"
        case Quantifier(kind="map"):
            words = _mapped(node, speech, counted=counted)
        case Name() if node.name in speech.lets:
            words = f'entries of "{node.name}"' if counted else f'"{node.name}"'
        case Name() | Select() | Quantifier(kind="filter"):
            words = _rows(node, speech, "" if counted else "the ", alone=alone)
        case _:
            words = f"{'entries of ' if counted else ''}{speech.say_phrase(node, speech)}"
    return words


def _rows(node: Node, speech: Speech, article: str, *, alone: bool) -> str:
    param = param_of(node, speech)
    if param is not None:
        return f"{article}{param_words(param).removeprefix('the ')}"
    thing = thing_of(node, speech)
    words = f"{article}{thing.plural}"
    return words if alone else enclosed(words, thing)


def _mapped(node: Quantifier, speech: Speech, *, counted: bool) -> str:
    thing = thing_of(node.over, speech)
    if node.test is not None:
        thing = narrowed_thing(thing, node, speech)
    if counted:
        return enclosed(thing.plural, thing)
    body = node.body
    if (
        isinstance(body, Select)
        and isinstance(body.operand, Name)
        and reads(body) == frozenset({node.variable})
    ):
        return f"the {field_label(body.field)} of each {enclosed(thing.single, thing)}"
    words = speech.say_phrase(body, speech.inside(node.variable, thing))
    return f"({words}) for each {enclosed(thing.single, thing)}"


def thing_of(node: Node, speech: Speech) -> Thing:
    """Return the noun for the rows of a list."""
    match node:
        case Name() if node.name in speech.needs:
            return need_thing(speech.needs[node.name], speech)
        case Name():
            name = f'entry of "{node.name}"'
            return Thing(name, f'entries of "{node.name}"', "entry", scalar=holds_plain(node))
        case Quantifier(kind="filter"):
            return narrowed_thing(thing_of(node.over, speech), node, speech)
        case Select():
            return _part(node, speech)
        case _:
            words = list_words(node, speech)
            return Thing(
                f"entry of {words}", f"entries of {words}", "entry", scalar=holds_plain(node)
            )


def narrowed_thing(thing: Thing, node: Quantifier, speech: Speech) -> Thing:
    """Add the condition of a filter, ``map`` or ``only`` to the noun."""
    condition = node.body if node.test is None else node.test
    return thing.where(parts_said(condition, speech.inside(node.variable, thing)))


def parts_said(node: Node, speech: Speech) -> list[Said]:
    """Return the statements of a condition: those of a chain of ``&&``, else one."""
    if isinstance(node, And):
        return speech.say_parts(node, speech)
    return [speech.say_clause(node, speech)]


def enclosed(words: str, thing: Thing) -> str:
    """Return words about a thing in brackets where its condition could run on."""
    return f"({words})" if thing.conditions else words


def _part(node: Select, speech: Speech) -> Thing:
    """Return the noun for a list inside a record, a param, or a need's coverage."""
    param = param_of(node, speech)
    if param is not None:
        one = singular(param.name)
        one = f"{'listed' if one.endswith(' entry') else 'declared'} {one}"
        return Thing(one, f"{one} values", one, param_values(param), scalar=True)
    if isinstance(node.operand, Name) and node.operand.name in speech.needs:
        of = f" of {node.operand.name}"
        if node.field == "coverage":
            return Thing("examination", "examinations", "examination", of)
        return Thing("document", "documents", "document", of)
    one = singular(node.field)
    owner = subject_words(node.operand, speech) or speech.say_phrase(node.operand, speech)
    many = node.field.replace("_", " ")
    return Thing(one, many, one, f" of {owner}", scalar=holds_plain(node))


def need_thing(need: Need, speech: Speech) -> Thing:
    """Return the noun for the rows of a need, its ``where`` folded in."""
    one, many = _row_nouns(need)
    after = ""
    fixed: list[str] = []
    rest: list[Node] = []
    for part in () if need.where is None else chained(need.where.node, And):
        field, value = map(clean, fixed_text(part, speech) or ("", ""))
        if need.facts == "metric" and field == "name" and value:
            one, many = (f"{metric_words(value)} {noun}" for noun in NOUNS["metric"])
            continue
        modifier = _modifier(need.facts, field, value)
        after += modifier
        if not modifier and value:
            fixed.append(f'{field_label(field)} "{value}"')
        elif not modifier:
            rest.append(part)
    after += f" with {joined(fixed, 'and')}" if fixed else ""
    after += ABOUT[need.about]
    if need.last is not None:
        after += f" in each of the newest {need.last} documents (oldest first)"
    thing = Thing(one, many, one, after)
    inner = speech.inside("row", thing)
    return thing.where(said for part in rest for said in parts_said(part, inner))


def _row_nouns(need: Need) -> tuple[str, str]:
    """Return what the rows are called: what was sought, where that is one thing by name."""
    if need.where is None and isinstance(need.of, tuple) and len(need.of) == 1:
        return SOUGHT.get(need.of[0], NOUNS[need.facts])
    return NOUNS[need.facts]


def _modifier(facts: str, field: str, value: str) -> str:
    """Return a fixed field as words of its own behind the noun, or nothing where it has none."""
    if not value:
        return _WHOLE.get((facts, field), "")
    if field in ("split", "dataset"):
        return f" on the {value} split" if field == "split" else f" on the data set {value}"
    if (facts, field) == ("documentation", "document"):
        return f" of the {_DOCUMENTS.get(value, value)}"
    return _WORDED.get((field, value), "")
