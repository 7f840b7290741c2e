"""Rules of a policy: their expressions in the right surroundings, and what they read."""

import re
from collections.abc import Mapping
from dataclasses import field, replace
from string import Formatter
from typing import Final

from assaybook.domain.expression import Expression
from assaybook.domain.policy import Attested, Need, Param, Rule
from assaybook.domain.record import draft, record
from assaybook.domain.types import DURATION, INT, Type
from assaybook.language.build_expressions import (
    Environment,
    Reading,
)
from assaybook.language.document import AttestedDocument, RuleDocument
from assaybook.language.document_problems import unknown_word
from assaybook.language.durations import read_duration
from assaybook.language.environment import params_environment, row_of
from assaybook.language.soundness import needs_read
from assaybook.language.source import Path

RESERVED: Final = frozenset({"row", "system", "release", "params", "scope"})
_DOTTED: Final = re.compile(r"[a-z_][A-Za-z0-9_]*(\.[a-z_][A-Za-z0-9_]*)+")
_NAME: Final = re.compile(r"(?<![.\w])[a-z_][A-Za-z0-9_]*")
_ALONE: Final = ("for_each", "where", "at_least", "enough", "pass_when", "message")


@record
class Surroundings:
    """What the rules of a policy may name; ``names`` None where a need could not be understood."""

    names: Environment | None
    needs: Mapping[str, Need]
    params: Mapping[str, Param]
    reading: Reading

    @property
    def names_taken(self) -> frozenset[str]:
        """The names that no let may take."""
        return RESERVED | self.needs.keys()


@draft
class _Scope:
    """The names of one rule, which grow with its lets."""

    names: dict[str, Type] | None
    lets: list[tuple[str, Expression]] = field(default_factory=list)
    row: Environment | None = None


def build_rule(document: RuleDocument, around: Surroundings, path: Path) -> Rule:
    """Return one rule; what is wrong with it is kept by the reading."""
    if document.attested is not None:
        return _attested_rule(document, document.attested, around, path)
    scope = _lets(document, around, path)
    reading = around.reading
    over = _for_each(document, scope, around, path)
    inner = scope.row if document.for_each is not None else scope.names
    if document.for_each is None:
        for key in ("where", "at_least"):
            if getattr(document, key) is not None:
                message = f"{key} is about the rows of for_each, which is not there"
                reading.refuse_key("rule-without-rows", message, (*path, key), "Add for_each:.")
    rule = Rule(
        id=document.id,
        pass_when=_condition(document.pass_when, inner, reading, (*path, "pass_when")),
        for_each=over,
        where=_condition(document.where, inner, reading, (*path, "where")),
        at_least=_at_least(document, scope, around, path),
        enough=_condition(document.enough, inner, reading, (*path, "enough")),
        lets=tuple(scope.lets),
        on_unknown=document.on_unknown,
        message=document.message or "",
        fix=document.fix or "",
    )
    if document.pass_when is None:
        message = "the rule says neither pass_when nor attested"
        reading.refuse("rule-undecided", message, path, "Add pass_when: with a condition.")
    _message(rule, inner, reading, (*path, "message"))
    return replace(rule, needs=needs_read(rule, around.needs))


def _attested_rule(
    document: RuleDocument, asked: AttestedDocument, around: Surroundings, path: Path
) -> Rule:
    for key in _ALONE:
        if getattr(document, key) is not None:
            message = f"attested stands in place of a judgement, so {key} has no place here"
            around.reading.refuse_key("rule-both", message, (*path, key), "Remove one of the two.")
    if document.let:
        message = "attested stands in place of a judgement, so let has no place here"
        around.reading.refuse_key("rule-both", message, (*path, "let"), "Remove one of the two.")
    length = read_duration(asked.valid_for)
    at = (*path, "attested", "valid_for")
    environment = params_environment(around.params)
    valid_for = (
        around.reading.expression(asked.valid_for, at, environment, DURATION)
        if length is None
        else around.reading.literal(length, at)
    )
    attested = None
    if valid_for is not None:
        attested = Attested(asked.question, asked.role, asked.people, valid_for)
    return Rule(
        id=document.id,
        pass_when=None,
        attested=attested,
        on_unknown=document.on_unknown,
        fix=document.fix or "",
    )


def _lets(document: RuleDocument, around: Surroundings, path: Path) -> _Scope:
    """Return the names of a rule after its lets; unknown once one of them is not understood.

    A bundle is canonical JSON, which does not keep the order of names, so the order of a file
    decides nothing: a let comes after those that it uses, and else by name.
    """
    scope = _Scope(None if around.names is None else dict(around.names))
    for name, text in _in_order(document.let):
        at = (*path, "let", name)
        if name in around.names_taken:
            message = f"the let {name!r} hides a name that rules have already"
            around.reading.refuse_key("name-taken", message, at, "Choose another name.")
        names = scope.names
        found = around.reading.expression(text, at, names)
        if found is None or names is None or name in around.names_taken:
            scope.names = None
            continue
        scope.lets.append((name, found))
        names[name] = found.node.type
    return scope


def _in_order(lets: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return lets after those that they name; of a circle, the first by name comes first."""
    waiting = dict(sorted(lets.items()))
    ordered: list[tuple[str, str]] = []
    while waiting:
        free = (
            name for name, text in waiting.items() if not _names(text) & waiting.keys() - {name}
        )
        name = next(free, next(iter(waiting)))
        ordered.append((name, waiting.pop(name)))
    return ordered


def _names(text: str) -> frozenset[str]:
    """Return the words of an expression that can be names; a word after a point is a field."""
    return frozenset(_NAME.findall(text))


def _for_each(
    document: RuleDocument, scope: _Scope, around: Surroundings, path: Path
) -> Expression | None:
    """Return the list that is judged row by row, and give the scope the names of its rows."""
    name = document.for_each
    if name is None or scope.names is None:
        return None
    at = (*path, "for_each")
    lists = [*around.needs, *(let for let, _expression in scope.lets)]
    row = row_of(scope.names[name]) if name in lists else None
    if row is None:
        where = around.reading.source.where(at)
        problem = unknown_word("for-each-unknown", "need or let list", name, lists, where)
        around.reading.problems.append(problem)
        return None
    scope.row = {**scope.names, "row": row}
    return around.reading.expression(name, at, scope.names)


def _condition(
    text: str | None, names: Environment | None, reading: Reading, path: Path
) -> Expression | None:
    return None if text is None else reading.condition(text, path, names)


def _at_least(
    document: RuleDocument, scope: _Scope, around: Surroundings, path: Path
) -> Expression | None:
    written = document.at_least
    at = (*path, "at_least")
    if document.for_each is None:
        return None
    if written is None:
        return around.reading.literal(1, (*path, "for_each"))
    if isinstance(written, str):
        return around.reading.expression(written, at, scope.names, INT)
    if not isinstance(written, int) or isinstance(written, bool) or written < 0:
        message = "at_least must be a whole number, or an expression such as size(params.slices)"
        around.reading.refuse("wrong-type", message, at)
        return None
    return around.reading.literal(written, at)


def _message(rule: Rule, names: Environment | None, reading: Reading, path: Path) -> None:
    """Refuse a message with a brace that names nothing."""
    if not rule.message:
        return
    try:
        parts = list(Formatter().parse(rule.message))
    except ValueError:
        message = "a brace of the message is not closed, or not opened"
        reading.refuse("message-braces", message, path, "Write {{ or }} for a brace itself.")
        return
    for _text, name, specification, conversion in parts:
        if name is None:
            continue
        if not _DOTTED.fullmatch(name) or specification or conversion:
            message = f"{{{name}...}} is not understood: braces hold a name such as row.slice alone"
            hint = "Put calculations into a let or rule."
            if name.isidentifier():
                hint = f"Write {{row.{name}}}, {{params.{name}}} or another place of it."
            reading.refuse("message-name", message, path, hint)
        else:
            reading.expression(name, path, names, start=rule.message.index(name))
