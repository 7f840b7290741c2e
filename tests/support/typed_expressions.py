"""Well-typed expressions by chance, drawn from the signatures of the language, and documents.

Every function of the registry and every form of the grammar can come up. What the checker refuses
all the same (a comparison that its ranges decide, two units) is left out by whoever draws.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final

from assaybook.domain.functions import FUNCTIONS, Function, Signature
from assaybook.domain.types import ListType, RecordType, ScalarType, Type
from assaybook.domain.values import Bag, Conflict, Member, Row, Scalar, Unknown, Value, unknown
from support.policy_parts import ENVIRONMENT

AS_OF: Final = datetime(2026, 11, 21, tzinfo=UTC)
NEEDS: Final = tuple(
    name for name, kind in ENVIRONMENT.items() if isinstance(kind, ListType) and kind.need
)
_CODES: Final = ("missing", "stale", "null", "too_few", "conflict", "error:nan")
_WORDS: Final = ("", "a", "b", "sex=female", "holdout", "1", "2026-01-31T00:00:00Z", "90d", "true")
_ZONES: Final = ('"UTC"', '"+02:00"', '"Asia/Kathmandu"', '"Nowhere"')
_PATTERNS: Final = ('"^a"', '"[a-z]+="', '"b$"', '""')
_SCALARS: Final = ("bool", "int", "double", "string", "timestamp", "duration")
_SIGNS: Final = {
    "int": ("+", "-", "*", "%"),
    "double": ("+", "-", "*", "/"),
    "string": ("+",),
    "duration": ("+", "-"),
}
Scope = tuple[tuple[str, RecordType], ...]
_Way = Callable[[str, int, Scope], str | None]


class Writer:
    """Writes expressions of a wanted type as text; ``scope`` are the rows in reach."""

    def __init__(self, random: Random) -> None:
        self.random = random

    def of(self, wanted: str, depth: int, scope: Scope = ()) -> str:
        """Return an expression of a scalar type."""
        deep: list[_Way] = [self._call, self._call, self._compound]
        ways: list[_Way] = [self._leaf] if depth <= 0 else deep
        written = None
        while written is None:
            written = self.random.choice(ways)(wanted, depth - 1, scope)
            ways.append(self._leaf)
        return written

    def rows(self, depth: int, scope: Scope) -> tuple[str, RecordType]:
        """Return a list of rows, and what its rows are."""
        name = self.random.choice(NEEDS)
        text, record = name, _row(ENVIRONMENT[name])
        if self.random.random() < 0.08:
            text, record = "release.artifacts", _artifact()
        if depth > 0 and self.random.random() < 0.3:
            variable = f"v{len(scope)}"
            inner = (*scope, (variable, record))
            text = f"{text}.filter({variable}, {self.of('bool', depth - 1, inner)})"
        return text, record

    def listed(self, of: str, depth: int, scope: Scope) -> str:
        """Return a list of scalars."""
        choice = self.random.random()
        if of == "string" and choice < 0.3:
            return self.random.choice(["params.slices", "params.forbidden", "system.tags"])
        if of == "double" and choice < 0.2:
            return "params.limits"
        if choice < 0.5:
            return f"[{', '.join(self.of(of, 0, scope) for _ in range(self.random.randint(1, 3)))}]"
        rows, record = self.rows(depth - 1, scope)
        variable = f"v{len(scope)}"
        inner = (*scope, (variable, record))
        test = f"{self.of('bool', 0, inner)}, " if self.random.random() < 0.2 else ""
        return f"{rows}.map({variable}, {test}{self.of(of, min(depth - 1, 1), inner)})"

    def _leaf(self, wanted: str, _depth: int, scope: Scope) -> str:
        fields = [
            f"{place}.{name}"
            for place, record in (*scope[-2:], *_RECORDS)
            for name, kind in record.fields
            if isinstance(kind, ScalarType) and kind.name == wanted
        ]
        if fields and self.random.random() < 0.65:
            return self.random.choice(fields)
        return _literal(wanted, self.random)

    def _call(self, wanted: str, depth: int, scope: Scope) -> str | None:
        """Return a call of a function that yields the type, or None where there is none."""
        ways = _YIELDING[wanted]
        if not ways:
            return None
        function, signature = self.random.choice(ways)
        args = [
            self._argument(function, index, kind, depth, scope)
            for index, kind in enumerate(signature.params)
        ]
        if signature.variadic:
            args.append(self.of(_name(signature.params[-1]), depth, scope))
        if function.called:
            return f"{function.name}({', '.join(args)})"
        return f"({args[0]}).{function.name}({', '.join(args[1:])})"

    def _argument(
        self, function: Function, index: int, kind: Type, depth: int, scope: Scope
    ) -> str:
        if function.name == "matches" and index == 1 and self.random.random() < 0.7:
            return self.random.choice(_PATTERNS)
        if function.name.startswith("get") and index == 1:
            return self.random.choice(_ZONES)
        if isinstance(kind, ListType):
            of = _name(kind.of) if _name(kind.of) in _SCALARS else "double"
            if function.name == "size" and self.random.random() < 0.5:
                return self.rows(depth, scope)[0]
            if function.name == "stats.slope":
                return "trend.map(t, t.value)"
            return self.listed(of, depth, scope)
        name = _name(kind)
        if name == "double" and self.random.random() < 0.2:
            name = "int"
        return self.of(name if name in _SCALARS else "string", depth, scope)

    def _compound(self, wanted: str, depth: int, scope: Scope) -> str | None:
        if wanted == "bool":
            return self._condition(depth, scope)
        if wanted in ("int", "double") and self.random.random() < 0.1:
            return f"-({self.of(wanted, depth, scope)})"
        if self.random.random() < 0.25:
            test, then = self.of("bool", depth, scope), self.of(wanted, depth, scope)
            return f"({test} ? {then} : {self.of(wanted, depth, scope)})"
        if wanted in _SIGNS and self.random.random() < 0.7:
            sign = self.random.choice(_SIGNS[wanted])
            return f"({self.of(wanted, depth, scope)} {sign} {self.of(wanted, depth, scope)})"
        if wanted == "timestamp":
            sign = self.random.choice("+-")
            return f"({self.of('timestamp', depth, scope)} {sign} {self.of('duration', 0, scope)})"
        return self._only(wanted, depth, scope)

    def _only(self, wanted: str, depth: int, scope: Scope) -> str | None:
        rows, record = self.rows(depth - 1, scope)
        fields = [name for name, kind in record.fields if _name(kind) == wanted]
        if not fields:
            return None
        variable = f"v{len(scope)}"
        body = self.of("bool", min(depth, 1), (*scope, (variable, record)))
        return f"only({rows}, {variable}, {body}).{self.random.choice(fields)}"

    def _condition(self, depth: int, scope: Scope) -> str:
        choice = self.random.random()
        if choice < 0.35:
            rows, record = self.rows(depth, scope)
            variable, kind = f"v{len(scope)}", self.random.choice(["all", "exists"])
            body = self.of("bool", depth, (*scope, (variable, record)))
            return f"{rows}.{kind}({variable}, {body})"
        if choice < 0.6:
            return self._comparison(depth, scope)
        if choice < 0.67:
            item = self.of("string", depth, scope)
            return f"({item} in {self.listed('string', depth, scope)})"
        if choice < 0.75 and scope:
            return self._has(depth, scope)
        if choice < 0.83:
            return f"!({self.of('bool', depth, scope)})"
        sign = self.random.choice(["&&", "||"])
        return f"({self.of('bool', depth, scope)} {sign} {self.of('bool', depth, scope)})"

    def _comparison(self, depth: int, scope: Scope) -> str:
        kinds = ["int", "double", "double", "timestamp", "duration", "string"]
        kind = self.random.choice(kinds)
        signs = ["==", "!="] if kind == "string" else ["<", "<=", ">", ">=", "==", "!="]
        left, right = self.of(kind, depth, scope), self.of(kind, depth, scope)
        return f"({left} {self.random.choice(signs)} {right})"

    def _has(self, depth: int, scope: Scope) -> str:
        place, record = scope[-1]
        names = [n for n, kind in record.fields if isinstance(kind, ScalarType) and kind.nullable]
        if not names:
            return self._comparison(depth, scope)
        return f"has({place}.{self.random.choice(names)})"


def a_document(random: Random) -> dict[str, Value]:
    """Return what expressions may name, with much of it missing, doubtful or contradictory."""
    names: dict[str, Value] = {"$as_of": AS_OF}
    for name, kind in ENVIRONMENT.items():
        names[name] = _value(kind, name, random)
    return names


def _value(kind: Type, label: str, random: Random) -> Value:
    if isinstance(kind, RecordType):
        held = {name: _value(field, f"{label}.{name}", random) for name, field in kind.fields}
        return Row(kind.name, label, held)
    if isinstance(kind, ListType):
        return _bag(kind, label, random)
    choice = random.random()
    if choice < 0.12:
        return None
    if choice < 0.2:
        return unknown(random.choice(_CODES), label)
    first = _scalar(kind, random)
    if choice < 0.26:
        second = _scalar(kind, random)
        return Conflict((first, second), label) if repr(first) != repr(second) else first
    return first


def _bag(kind: ListType, label: str, random: Random) -> Value:
    if random.random() < 0.06:
        return unknown(random.choice(_CODES), label)
    members = tuple(
        Member(_value(kind.of, f"{label}[{index}]", random), _seldom(label, random))
        for index in range(random.choice([0, 1, 1, 2, 3, 4]))
    )
    name = kind.of.name if isinstance(kind.of, RecordType) else ""
    return Bag(members, _seldom(label, random), random.random() < 0.3, label, name)


def _seldom(label: str, random: Random) -> Unknown | None:
    return unknown(random.choice(_CODES), label) if random.random() < 0.15 else None


def _scalar(kind: ScalarType, random: Random) -> Scalar:
    return random.choice(kind.words or _HELD[kind.name])


def _literal(wanted: str, random: Random) -> str:
    match wanted:
        case "bool":
            return random.choice(["params.strict", 'system.risk_tier == "high"'])
        case "int":
            return random.choice(["0", "1", "2", "50", "100", "9007199254740991"])
        case "double":
            return random.choice(["0.0", "0.1", "0.5", "0.8", "1.0", "2.5", "1e308"])
        case "string":
            return f'"{random.choice(_WORDS)}"'
        case "timestamp":
            return random.choice(['timestamp("2026-01-31T00:00:00Z")', "timestamp(0)"])
        case _:
            return random.choice(['duration("90d")', 'duration("1h30m")', "params.max_age"])


_HELD: Final[Mapping[str, Sequence[Scalar]]] = {
    "bool": (True, False),
    "int": (0, 1, 2, 50, 100, 2**53, -3),
    "double": (0.0, 0.1, 0.5, 0.8, 0.95, 1.0, -1.5, 250.0, 1e308),
    "string": _WORDS,
    "timestamp": tuple(AS_OF - timedelta(days=days) for days in (-1, 0, 1, 90, 4000)),
    "duration": tuple(timedelta(days=days) for days in (0, 1, 90)),
}


def _name(kind: Type) -> str:
    return kind.name if isinstance(kind, ScalarType) else "list"


def _artifact() -> RecordType:
    release = ENVIRONMENT["release"]
    assert isinstance(release, RecordType)
    return _row(release.field("artifacts"))


def _row(listed: Type | None) -> RecordType:
    assert isinstance(listed, ListType)
    assert isinstance(listed.of, RecordType)
    return listed.of


def _yielding() -> Mapping[str, Sequence[tuple[Function, Signature]]]:
    found: dict[str, list[tuple[Function, Signature]]] = {name: [] for name in _SCALARS}
    for function in FUNCTIONS.values():
        for signature in function.signatures:
            found[_name(signature.result)].append((function, signature))
    return found


_YIELDING: Final = _yielding()
_RECORDS: Final[Scope] = (
    *((name, kind) for name, kind in ENVIRONMENT.items() if isinstance(kind, RecordType)),
    ("trend[0]", _row(ENVIRONMENT["trend"])),
)
