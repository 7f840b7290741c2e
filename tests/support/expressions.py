"""Trees, rows and lists for tests of expressions, by hand and by chance."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from hypothesis import strategies as st

from assaybook.domain.expression import (
    And,
    Arithmetic,
    ArithmeticOp,
    Call,
    Compare,
    CompareOp,
    Conditional,
    Has,
    In,
    Index,
    ListOf,
    Literal_,
    Name,
    Negate,
    Node,
    Not,
    Or,
    Quantifier,
    QuantifierKind,
    Select,
)
from assaybook.domain.values import (
    Bag,
    Conflict,
    Member,
    Row,
    Scalar,
    Unknown,
    Value,
    unknown,
)
from assaybook.evaluation.closures import compile_node
from assaybook.evaluation.interpret import interpret
from assaybook.evaluation.trace import Trace
from assaybook.language.parser import parse

AS_OF: Final = datetime(2026, 11, 21, tzinfo=UTC)
HERE: Final[dict[str, Any]] = {"start": 0, "end": 0}


def a_row(label: str = "a", **values: Value) -> Row:
    """Return a metric row, called ``recall[<label>]`` in reasons."""
    return Row("metric", f"recall[{label}]", values)


def a_list(
    *sure: Value,
    possible: tuple[Value, ...] = (),
    ghost: str = "",
    proven: bool = False,
    doubt: str = "null",
) -> Bag:
    """Return a list called recall; ``ghost`` is the reason for which it is open."""
    members = [Member(value) for value in sure]
    members += [Member(value, unknown(doubt, "recall[?].where")) for value in possible]
    return Bag(
        tuple(members),
        unknown(ghost, "recall") if ghost else None,
        proven,
        "recall",
        "metric" if any(isinstance(one, Row) for one in (*sure, *possible)) or ghost else "",
    )


def codes(value: Value) -> list[str]:
    """Return the reason codes of an unknown; fails for anything else."""
    assert isinstance(value, Unknown), f"{value!r} is known"
    return [reason.code for reason in value.reasons]


def judged(text: str, **env: Value) -> Value:
    """Return what an expression yields; both back ends must say the same."""
    node = parse(text).node
    names: dict[str, Value] = {"$as_of": AS_OF, **env}
    told = interpret(node, names)
    quick = compile_node(node).judge(names, Trace())
    assert repr(quick) == repr(told), f"the back ends differ over {text}"
    return told


def lit(value: Scalar) -> Literal_:
    """Return a literal."""
    return Literal_(value=value, start=0, end=0)


def name(word: str) -> Name:
    """Return a name."""
    return Name(name=word, start=0, end=0)


def over(kind: QuantifierKind, listed: Node, body: Node, test: Node | None = None) -> Quantifier:
    """Return a quantifier whose variable is ``m``."""
    return Quantifier(kind=kind, over=listed, variable="m", body=body, test=test, start=0, end=0)


def compared(left: Node, op: CompareOp, right: Node) -> Compare:
    """Return a comparison."""
    return Compare(op=op, left=left, right=right, start=0, end=0)


_REASONS: Final = st.sampled_from(["missing", "stale", "null", "too_few", "conflict", "error:nan"])
_PATHS: Final = st.sampled_from(["", "recall", "recall[a].value", "params.floor"])
unknowns: Final = st.builds(unknown, _REASONS, _PATHS)
floats: Final = st.sampled_from([0.0, -0.0, 0.1, 0.5, 0.8, 1.0, -1.5, 3.0, 1e308, float("inf")])
ints: Final = st.sampled_from([0, 1, 2, 3, -1, 100, 2**63 - 1, -(2**63)])
numbers: Final = st.one_of(floats, ints)
texts: Final = st.sampled_from(["", "a", "b", "ab", "sex=female", "1", "("])
times: Final = st.sampled_from([AS_OF, AS_OF - timedelta(days=90), AS_OF + timedelta(hours=1)])
scalars: Final[st.SearchStrategy[Scalar]] = st.one_of(
    numbers, texts, st.booleans(), times, st.just(timedelta(days=1)), st.none()
)


def uncertain(plain: st.SearchStrategy[Scalar]) -> st.SearchStrategy[Value]:
    """Return plain values, and now and then an unknown, a null or a conflict."""
    pairs = st.tuples(plain, plain).filter(lambda pair: repr(pair[0]) != repr(pair[1]))
    conflicts = pairs.map(lambda pair: Conflict(pair, "recall[c].value"))
    doubtful = st.one_of(unknowns, conflicts, st.none())
    return st.integers(0, 7).flatmap(lambda at: doubtful if at == 7 else plain)


def _metric(label: str, *cells: Value) -> Row:
    return a_row(label, **dict(zip(("slice", "value", "n", "ok", "at"), cells, strict=True)))


def _params(*cells: Value) -> Row:
    return Row("params", "params", dict(zip(("floor", "count", "flag"), cells, strict=True)))


rows: Final = st.builds(
    _metric,
    texts,
    uncertain(texts),
    uncertain(numbers),
    uncertain(ints),
    uncertain(st.booleans()),
    uncertain(times),
)


def bags(values: st.SearchStrategy[Value], kind: str = "") -> st.SearchStrategy[Bag]:
    """Return lists with sure and possible members, open or closed, proven or not."""
    seldom = st.integers(0, 5).flatmap(lambda at: unknowns if at == 5 else st.none())
    members = st.builds(Member, values, seldom)
    return st.builds(
        Bag,
        st.lists(members, max_size=4).map(tuple),
        seldom,
        st.booleans(),
        st.just("recall"),
        st.just(kind),
    )


environments: Final[st.SearchStrategy[dict[str, Value]]] = st.fixed_dictionaries(
    {
        "recall": bags(rows, "metric"),
        "names": bags(uncertain(texts)),
        "values": bags(uncertain(numbers)),
        "params": st.builds(
            _params,
            uncertain(numbers),
            uncertain(ints),
            uncertain(st.booleans()),
        ),
        "x": uncertain(numbers),
        "s": uncertain(texts),
        "b": uncertain(st.booleans()),
        "$as_of": st.just(AS_OF),
    }
)

_OPS: Final[st.SearchStrategy[CompareOp]] = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
_ARITHMETIC: Final[st.SearchStrategy[ArithmeticOp]] = st.sampled_from(["+", "-", "*", "/", "%"])
_CALLS_OF_TEXTS: Final = st.sampled_from(["contains", "startsWith", "endsWith", "matches"])
_STATISTICS: Final = st.sampled_from(["stats.mean", "stats.stddev", "stats.slope"])
_EXTREMES: Final = st.sampled_from(["math.least", "math.greatest"])
_ROUNDINGS: Final = st.sampled_from(["math.abs", "math.ceil", "math.floor", "math.round"])


class Trees:
    """Draws trees of a wanted type; one in twenty parts is of another type, on purpose."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw

    def of(self, wanted: str, depth: int, *, in_row: bool = False) -> Node:
        """Return a tree of type bool, number, text, rows, numbers or texts."""
        if self._draw(st.integers(0, 19)) == 19:
            wanted = self._draw(st.sampled_from(["bool", "number", "text", "rows", "numbers"]))
        maker = {
            "bool": self._bool,
            "number": self._number,
            "text": self._text,
            "rows": self._rows,
            "numbers": self._numbers,
            "texts": self._texts,
        }[wanted]
        return maker(depth, in_row)

    def _field(self, field: str, in_row: bool) -> Node:  # noqa: FBT001
        row: Node = name("m") if in_row else Index(operand=name("recall"), index=lit(0), **HERE)
        return Select(operand=row, field=field, **HERE)

    def _bool(self, depth: int, in_row: bool) -> Node:  # noqa: FBT001, PLR0911
        choice = self._draw(st.integers(0, 9)) if depth > 0 else self._draw(st.integers(0, 1))
        one: dict[str, Any] = {"depth": depth - 1, "in_row": in_row}
        match choice:
            case 0:
                leaf: list[Node] = [name("b"), lit(True), lit(False), self._field("ok", in_row)]
                return self._draw(st.sampled_from(leaf))
            case 1:
                row = name("m") if in_row else name("params")
                field = self._draw(st.sampled_from(["ok", "value", "flag", "floor"]))
                return Has(operand=row, field=field, **HERE)
            case 2:
                return And(left=self.of("bool", **one), right=self.of("bool", **one), **HERE)
            case 3:
                return Or(left=self.of("bool", **one), right=self.of("bool", **one), **HERE)
            case 4:
                return Not(operand=self.of("bool", **one), **HERE)
            case 5:
                kind = self._draw(st.sampled_from(["number", "text", "number"]))
                op = self._draw(_OPS)
                return compared(self.of(kind, **one), op, self.of(kind, **one))
            case 6 | 7:
                quantifier: QuantifierKind = "all" if choice == 6 else "exists"
                body = self.of("bool", depth - 1, in_row=True)
                return over(quantifier, self.of("rows", **one), body)
            case 8:
                return In(item=self.of("text", **one), container=self.of("texts", **one), **HERE)
            case _:
                args = (self.of("text", **one), self.of("text", **one))
                return Call(function=self._draw(_CALLS_OF_TEXTS), args=args, **HERE)

    def _number(self, depth: int, in_row: bool) -> Node:  # noqa: C901, FBT001, PLR0911
        choice = self._draw(st.integers(0, 10)) if depth > 0 else self._draw(st.integers(0, 2))
        one: dict[str, Any] = {"depth": depth - 1, "in_row": in_row}
        match choice:
            case 0:
                return lit(self._draw(numbers))
            case 1:
                field = self._draw(st.sampled_from(["value", "n"]))
                return self._field(field, in_row)
            case 2:
                field = self._draw(st.sampled_from(["floor", "count"]))
                return Select(operand=name("params"), field=field, **HERE)
            case 3:
                op = self._draw(_ARITHMETIC)
                left, right = self.of("number", **one), self.of("number", **one)
                return Arithmetic(op=op, left=left, right=right, **HERE)
            case 4:
                listed = self._draw(st.sampled_from(["rows", "texts", "text"]))
                return Call(function="size", args=(self.of(listed, **one),), **HERE)
            case 5:
                args = (self.of("numbers", **one),)
                return Call(function=self._draw(_STATISTICS | _EXTREMES), args=args, **HERE)
            case 6:
                pair = (self.of("number", **one), self.of("number", **one))
                return Call(function=self._draw(_EXTREMES), args=pair, **HERE)
            case 7:
                test, then = self.of("bool", **one), self.of("number", **one)
                return Conditional(test=test, then=then, other=self.of("number", **one), **HERE)
            case 8:
                kind = self._draw(st.sampled_from([_ROUNDINGS, st.just("double")]))
                return Call(function=self._draw(kind), args=(self.of("number", **one),), **HERE)
            case 9:
                found = over(
                    "only", self.of("rows", **one), self.of("bool", depth - 1, in_row=True)
                )
                return Select(operand=found, field="value", **HERE)
            case _:
                return Negate(operand=self.of("number", **one), **HERE)

    def _text(self, depth: int, in_row: bool) -> Node:  # noqa: FBT001
        choice = self._draw(st.integers(0, 4)) if depth > 0 else self._draw(st.integers(0, 2))
        one: dict[str, Any] = {"depth": depth - 1, "in_row": in_row}
        if choice == 0:
            return lit(self._draw(texts))
        if choice == 1:
            return self._field("slice", in_row)
        if choice == 2:
            return name("s")
        if choice == 3:
            left, right = self.of("text", **one), self.of("text", **one)
            return Arithmetic(op="+", left=left, right=right, **HERE)
        return Call(function="string", args=(self.of("number", **one),), **HERE)

    def _rows(self, depth: int, in_row: bool) -> Node:  # noqa: FBT001
        if depth <= 0 or self._draw(st.booleans()):
            return name("recall")
        listed = self.of("rows", depth - 1, in_row=in_row)
        return over("filter", listed, self.of("bool", depth - 1, in_row=True))

    def _numbers(self, depth: int, in_row: bool) -> Node:  # noqa: FBT001
        choice = self._draw(st.integers(0, 3)) if depth > 0 else 0
        if choice == 0:
            return name("values")
        if choice == 1:
            items = [self.of("number", depth - 1, in_row=in_row) for _ in range(2)]
            return ListOf(items=tuple(items), **HERE)
        listed = self.of("rows", depth - 1, in_row=in_row)
        body = self.of("number", depth - 1, in_row=True)
        test = self.of("bool", depth - 1, in_row=True) if choice == 3 else None
        return over("map", listed, body, test)

    def _texts(self, depth: int, in_row: bool) -> Node:  # noqa: FBT001
        choice = self._draw(st.integers(0, 2))
        if choice == 0:
            return name("names")
        if choice == 1:
            return ListOf(items=tuple(map(lit, ["a", "ab"])), **HERE)
        items = [self.of("text", depth - 1, in_row=in_row) for _ in range(2)]
        return ListOf(items=tuple(items), **HERE)


@st.composite
def trees(draw: st.DrawFn, wanted: str = "bool", depth: int = 3) -> Node:
    """Return trees of a type, now and then with an ill-typed part."""
    return Trees(draw).of(wanted, depth)


def with_ghost(bag: Bag) -> Bag:
    """Return a list opened."""
    return replace(bag, ghost=unknown("errored", "recall"), kind=bag.kind or "metric")


@st.composite
def less_known(draw: st.DrawFn, env: Mapping[str, Value]) -> dict[str, Value]:
    """Return an environment in which one thing that was known is not known any more."""
    gone = unknown("stale", "taken away")
    key = draw(st.sampled_from([key for key in env if key != "$as_of"]))
    value = env[key]
    ways: list[Value] = [gone]
    if isinstance(value, Row):
        ways += [replace(value, values={**value.values, field: gone}) for field in value.values]
    if isinstance(value, Bag):
        ways.append(with_ghost(value))
        for at, member in enumerate(value.members):
            before, after = value.members[:at], value.members[at + 1 :]
            others = [Member(member.value, gone), Member(gone, member.doubt)]
            if isinstance(member.value, Row):
                others += [
                    Member(replace(member.value, values={**member.value.values, field: gone}))
                    for field in member.value.values
                    if member.doubt is None
                ]
            ways += [replace(value, members=(*before, other, *after)) for other in others]
    return {**env, key: draw(st.sampled_from(ways))}
