"""Which clauses of conditions were seen true, false and unknown, and which decided alone.

A clause is a condition without ``&&``, ``||`` and ``!`` of its own. It decides alone where turning
it, and nothing else, turns the condition that it stands in (modified condition / decision coverage,
masking form: Chilenski and Miller 1994). What was not reached is taken as what would not decide.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

from assaybook.domain.expression import (
    And,
    Conditional,
    Expression,
    Literal_,
    Name,
    Node,
    Not,
    Or,
    Quantifier,
    Select,
)
from assaybook.domain.policy import Policy
from assaybook.domain.types import ScalarType
from assaybook.domain.values import Unknown
from assaybook.evaluation.closures import compile_expression
from assaybook.evaluation.trace import UNSEEN, Site, Trace
from assaybook.language.text import reads, unparse, walk

Seen: TypeAlias = Literal["true", "false", "unknown"]
Key: TypeAlias = tuple[str, int, int, int, int]
"""File, line and column of an expression, and where in its text the clause begins and ends."""

_JOINING: Final = (And, Or, Not)
_WORDS: Final[dict[object, Seen]] = {True: "true", False: "false"}


@dataclass(slots=True)
class Clause:
    """One clause and what was seen of it.

    Attributes:
        text: the clause, on one line.
        where: ``file:line`` of its expression.
        may_be_unknown: it reads what evidence or a person may leave out.
        seen: the truth values that it had.
        decided: those with which it decided its condition alone.
    """

    text: str
    where: str
    may_be_unknown: bool
    seen: set[Seen] = field(default_factory=set[Seen])
    decided: set[Seen] = field(default_factory=set[Seen])

    @property
    def lacking(self) -> tuple[str, ...]:
        """Return in words what was not shown of it; nothing where it is covered."""
        wanted: tuple[Seen, ...] = ("true", "false", "unknown")
        never = [f"never {word}" for word in wanted if word not in self.seen and self._can_be(word)]
        alone = [
            f"never decides alone when {word}"
            for word in wanted[:2]
            if word in self.seen and word not in self.decided
        ]
        return (*never, *alone)

    def _can_be(self, word: Seen) -> bool:
        return word != "unknown" or self.may_be_unknown


class Clauses:
    """Watches judgements of a policy and keeps what they show of each of its clauses."""

    def __init__(self, policy: Policy) -> None:
        self.found: dict[Key, Clause] = {}
        for expression, closed in _expressions(policy):
            site = compile_expression(expression).site
            sources = _Sources(policy, closed)
            self._list(expression, site, sources, is_condition=_is_truth(site.node))

    def take(self, expression: Expression, site: Site, trace: Trace) -> None:
        """Take in one judgement of an expression; a fit argument of ``run.watched``."""
        self._look(expression, site, trace.frame, is_condition=_is_truth(site.node))

    def _list(
        self, expression: Expression, site: Site, sources: "_Sources", *, is_condition: bool
    ) -> None:
        """Enter every clause at and under a site, seen or not."""
        for clause in tuple(_clauses(site)) if is_condition else (site,):
            node = clause.node
            if is_condition:
                where = f"{expression.file}:{expression.line}"
                doubt = sources.in_doubt(node)
                self.found[_key(expression, node)] = Clause(unparse(node), where, doubt)
            for part in clause.parts:
                test = isinstance(node, Conditional) and _is_truth(part.node)
                self._list(expression, part, sources, is_condition=test)
            inner = sources.inside(node)
            for body, _ in clause.bodies:
                self._list(expression, body, inner, is_condition=_is_truth(body.node))

    def _look(
        self, expression: Expression, site: Site, frame: Sequence[Any], *, is_condition: bool
    ) -> None:
        """Take in the condition at a site, if it is one, and every one under it."""
        clauses = tuple(_clauses(site)) if is_condition else (site,)
        for clause in clauses:
            if is_condition:
                self._note(expression, site, clause, frame)
            for part in clause.parts:
                test = isinstance(clause.node, Conditional) and _is_truth(part.node)
                self._look(expression, part, frame, is_condition=test)
            for body, place in clause.bodies:
                rows = frame[place] if frame else UNSEEN
                for row in () if rows is UNSEEN else rows:
                    self._look(expression, body, row, is_condition=_is_truth(body.node))

    def _note(
        self, expression: Expression, whole: Site, clause: Site, frame: Sequence[Any]
    ) -> None:
        found = self.found.get(_key(expression, clause.node))
        if found is None:  # of another policy, or of none
            return
        value = frame[clause.slot]
        if isinstance(value, bool):
            found.seen.add(_WORDS[value])
            held = _joined(whole, frame, clause, value=value)
            turned = _joined(whole, frame, clause, value=not value)
            if None not in (held, turned) and held is not turned:
                found.decided.add(_WORDS[value])
        elif isinstance(value, Unknown):
            found.seen.add("unknown")


class _Sources:
    """What the names of an expression may stand for: evidence, or what is always known.

    Attributes:
        closed: the names whose rows are all known: of a need's own condition ``row``, of the rest
            none.
    """

    def __init__(self, policy: Policy, closed: frozenset[str]) -> None:
        self.closed = closed | {"system", "release", "params", "scope"}
        self._policy = policy

    def inside(self, node: Node) -> "_Sources":
        """Return the sources in the body of a quantifier."""
        if not isinstance(node, Quantifier) or reads(node.over, self.closed):
            return self
        return _Sources(self._policy, self.closed | {node.variable})

    def in_doubt(self, node: Node) -> bool:
        """Tell whether a clause may be unknown."""
        return bool(reads(node, self.closed)) or any(map(self._may_lack, walk(node)))

    def _may_lack(self, node: Node) -> bool:
        if not isinstance(node, Select):
            return False
        if isinstance(node.operand, Name) and node.operand.name == "params":
            param = self._policy.params.get(node.field)
            return param is not None and param.value is None
        return isinstance(node.type, ScalarType) and node.type.nullable


def _expressions(policy: Policy) -> Iterator[tuple[Expression, frozenset[str]]]:
    """Yield every expression of a policy with the names whose rows are all known in it."""
    row = frozenset({"row"})
    if policy.applies_when is not None:
        yield policy.applies_when, row
    for need in policy.needs.values():
        yield from ((one, row) for one in (need.where, need.covers) if one is not None)
    for rule in policy.rules:
        written = (rule.where, rule.at_least, rule.enough, rule.pass_when)
        found = [*(one for _, one in rule.lets), *(one for one in written if one is not None)]
        yield from ((one, frozenset[str]()) for one in found)


def _key(expression: Expression, node: Node) -> Key:
    return expression.file, expression.line, expression.column, node.start, node.end


def _clauses(site: Site) -> Iterator[Site]:
    if isinstance(site.node, _JOINING):
        for part in site.parts:
            yield from _clauses(part)
    elif not isinstance(site.node, Literal_):
        yield site


def _is_truth(node: Node) -> bool:
    return isinstance(node.type, ScalarType) and node.type.name == "bool"


def _joined(site: Site, frame: Sequence[Any], clause: Site, *, value: bool) -> bool | None:
    """Return the truth at a site if a clause under it had a value; None is unknown."""
    if site is clause:
        return value
    node = site.node
    if isinstance(node, Not):
        inner = _joined(site.parts[0], frame, clause, value=value)
        return None if inner is None else not inner
    if isinstance(node, (And, Or)):
        decides = isinstance(node, Or)
        parts = [_joined(part, frame, clause, value=value) for part in site.parts]
        reached = [
            one
            for one, part in zip(parts, site.parts, strict=True)
            if frame[part.slot] is not UNSEEN
        ]
        if decides in reached:
            return decides
        return None if None in reached else not decides
    found = frame[site.slot]
    return found if isinstance(found, bool) else None
