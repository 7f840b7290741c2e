"""What names mean in each expression of a policy: their types, before any evidence is seen."""

from collections.abc import Mapping
from dataclasses import replace
from math import isfinite
from types import MappingProxyType
from typing import Final, Protocol, get_args

from assaybook.domain.expression import And, Compare, In, ListOf, Literal_, Name, Node, Or, Select
from assaybook.domain.fact_types import FACT_TYPES
from assaybook.domain.policy import Assurance, Need, Param
from assaybook.domain.subject import ArtifactKind, Lifecycle, RiskTier
from assaybook.domain.types import (
    BOOL,
    DOUBLE,
    DURATION,
    INT,
    STRING,
    TIMESTAMP,
    ListType,
    RecordType,
    ScalarType,
    Type,
)


class MetricRange(Protocol):
    """What is known of the values of one canonical metric."""

    @property
    def unit(self) -> str:
        """Canonical unit."""
        ...

    @property
    def low(self) -> float:
        """Least possible value; minus infinity where there is none."""
        ...

    @property
    def high(self) -> float:
        """Greatest possible value; infinity where there is none."""
        ...


_NO_METRICS: Final[Mapping[str, MetricRange]] = MappingProxyType({})
_TEXT: Final = replace(STRING, nullable=True)
_FLAG: Final = replace(BOOL, nullable=True)
_COUNT: Final = ScalarType("int", "count", 0.0, nullable=True)


def _words(words: tuple[str, ...], *, nullable: bool = False) -> ScalarType:
    return ScalarType("string", words=words, nullable=nullable)


SYSTEM: Final = RecordType(
    "system",
    (
        ("id", STRING),
        ("name", _TEXT),
        ("owner", _TEXT),
        ("purpose", _TEXT),
        ("intended_uses", ListType(STRING)),
        ("deployed_use", _TEXT),
        ("risk_tier", _words(tuple(RiskTier), nullable=True)),
        ("roles", ListType(_words(("provider", "deployer")))),
        ("generative", _FLAG),
        ("edge", _FLAG),
        ("lifecycle", _words(tuple(Lifecycle), nullable=True)),
        ("tags", ListType(STRING)),
    ),
)
ARTIFACT: Final = RecordType(
    "artifact", (("name", STRING), ("kind", _words(get_args(ArtifactKind))), ("digest", STRING))
)
RELEASE: Final = RecordType(
    "release",
    (
        ("version", STRING),
        ("stage", _TEXT),
        ("artifacts", ListType(ARTIFACT, ordered=False)),
        ("baseline", _TEXT),
        ("released_at", replace(TIMESTAMP, nullable=True)),
    ),
)
SCOPE: Final = RecordType(
    "scope", tuple((name, _TEXT) for name in ("dataset", "split", "path", "job"))
)
COVERAGE: Final = RecordType(
    "coverage",
    (
        ("question", STRING),
        *((name, _COUNT) for name in ("examined", "failed", "errored", "skipped")),
    ),
)
EVIDENCE: Final = RecordType(
    "evidence",
    (
        ("id", STRING),
        ("format", STRING),
        ("tool", _TEXT),
        ("produced_at", replace(TIMESTAMP, nullable=True)),
        ("received_at", TIMESTAMP),
        ("assurance", _words(tuple(Assurance))),
    ),
)
EXTRAS: Final[Mapping[str, ListType]] = MappingProxyType(
    {"coverage": ListType(COVERAGE, ordered=False), "evidence": ListType(EVIDENCE, ordered=False)}
)
"""What ``need.coverage`` and ``need.evidence`` are."""
_PARAM_TYPES: Final[Mapping[str, Type]] = {
    "bool": BOOL,
    "int": INT,
    "number": DOUBLE,
    "ratio": ScalarType("double", "ratio", 0.0, 1.0),
    "string": STRING,
    "duration": DURATION,
    "list<string>": ListType(STRING),
    "list<number>": ListType(DOUBLE),
}


def params_type(params: Mapping[str, Param]) -> RecordType:
    """Return the type of ``params``; a param's own limits narrow its range."""
    return RecordType("params", tuple((name, _param(param)) for name, param in params.items()))


def _param(param: Param) -> Type:
    kind = _PARAM_TYPES[param.kind]
    if not isinstance(kind, ScalarType) or kind.name not in ("int", "double"):
        return kind
    low = kind.low if param.minimum is None else param.minimum
    high = kind.high if param.maximum is None else param.maximum
    return replace(kind, low=low, high=high)


def fact_row(facts: str, *, last: bool = False) -> RecordType:
    """Return the type of a need's rows: the fact's columns and the scope's.

    A metric has ``measured_on`` too: what tells the data of one value from those of another. With
    ``last`` a row has ``at`` and ``run``.

    Raises:
        KeyError: there is no such fact type.
    """
    record = FACT_TYPES[facts].record
    more = {"dataset": _TEXT, "split": _TEXT, "path": _TEXT}
    if facts == "metric":
        more |= {"measured_on": _TEXT}
    if last:
        more |= {"at": replace(TIMESTAMP, nullable=True), "run": _TEXT}
    added = tuple((name, kind) for name, kind in more.items() if record.field(name) is None)
    return RecordType(record.name, (*record.fields, *added))


def where_environment(need: Need, params: Mapping[str, Param]) -> dict[str, Type]:
    """Return the names of a need's ``where``: ``row`` and ``params``."""
    row = fact_row(need.facts, last=need.last is not None)
    return {"row": row, "params": params_type(params)}


def covers_environment(params: Mapping[str, Param]) -> dict[str, Type]:
    """Return the names of ``covers``: ``scope`` and ``params``."""
    return {"scope": SCOPE, "params": params_type(params)}


def params_environment(params: Mapping[str, Param]) -> dict[str, Type]:
    """Return the one name of a need's other values (``fresh_for``, ``of``, ...): ``params``."""
    return {"params": params_type(params)}


def applies_environment() -> dict[str, Type]:
    """Return the names of ``applies_when``: ``system`` and ``release``."""
    return {"system": SYSTEM, "release": RELEASE}


def overlay_environment() -> dict[str, Type]:
    """Return the one name of an overlay's ``for``: ``system``."""
    return {"system": SYSTEM}


def need_type(need: Need, metrics: Mapping[str, MetricRange] = _NO_METRICS) -> ListType:
    """Return the type of a need's list; its ``where`` narrows what its rows can hold.

    Args:
        need: with ``where`` parsed.
        metrics: canonical metric names with unit and range; unknown names narrow nothing.
    """
    row = fact_row(need.facts, last=need.last is not None)
    if need.where is not None:
        row = _narrowed(row, need.where.node, metrics)
    return ListType(row, need.name, need.may_be_empty, ordered=need.last is not None)


def rule_environment(
    needs: Mapping[str, Need],
    params: Mapping[str, Param],
    metrics: Mapping[str, MetricRange] = _NO_METRICS,
) -> dict[str, Type]:
    """Return the names of a rule: its needs, ``system``, ``release``, ``params``.

    The caller adds each ``let`` name once its expression is checked, and ``row`` where the rule
    has ``for_each``: see ``row_of``.
    """
    lists: dict[str, Type] = {name: need_type(need, metrics) for name, need in needs.items()}
    return {**lists, **applies_environment(), "params": params_type(params)}


def row_of(over: Type) -> Type | None:
    """Return the type of ``row`` for a ``for_each`` over a list; None where it is no list."""
    return over.of if isinstance(over, ListType) else None


def fixed_words(node: Node, variable: str, field: str) -> frozenset[str] | None:
    """Return the only texts that ``variable.field`` can have where a condition holds.

    None where the condition does not fix it.
    """
    match node:
        case And():
            left = fixed_words(node.left, variable, field)
            right = fixed_words(node.right, variable, field)
            return right if left is None else left if right is None else left & right
        case Or():
            left = fixed_words(node.left, variable, field)
            right = fixed_words(node.right, variable, field)
            return None if left is None or right is None else left | right
        case Compare(op="==", left=left_node, right=right_node):
            pair = (left_node, right_node)
            chosen = next((one for one in pair if isinstance(one, Literal_)), None)
            named = any(_is_field(one, variable, field) for one in pair)
            return _texts((chosen,)) if chosen is not None and named else None
        case In(item=item, container=ListOf(items=items)) if _is_field(item, variable, field):
            return _texts(items)
        case _:
            return None


def _is_field(node: Node, variable: str, field: str) -> bool:
    return (
        isinstance(node, Select)
        and node.field == field
        and isinstance(node.operand, Name)
        and node.operand.name == variable
    )


def _texts(nodes: tuple[Node, ...]) -> frozenset[str] | None:
    values = [node.value if isinstance(node, Literal_) else None for node in nodes]
    texts = frozenset(value for value in values if isinstance(value, str))
    return texts if values and all(isinstance(value, str) for value in values) else None


def _narrowed(row: RecordType, where: Node, metrics: Mapping[str, MetricRange]) -> RecordType:
    fields = tuple((name, _one_narrowed(name, kind, where)) for name, kind in row.fields)
    names = fixed_words(where, "row", "name") if row.name == "metric" else None
    if not names or not all(name in metrics for name in names):
        return RecordType(row.name, fields)
    ranges = [metrics[name] for name in sorted(names)]
    units = {found.unit for found in ranges}
    low, high = min(found.low for found in ranges), max(found.high for found in ranges)
    value = ScalarType(
        "double",
        units.pop() if len(units) == 1 else "",
        low if isfinite(low) else None,
        high if isfinite(high) else None,
        nullable=True,
    )
    return RecordType(
        row.name, tuple((name, value if name == "value" else kind) for name, kind in fields)
    )


def _one_narrowed(name: str, kind: Type, where: Node) -> Type:
    words = fixed_words(where, "row", name)
    if not words or not isinstance(kind, ScalarType) or kind.name != "string":
        return kind
    return replace(kind, words=tuple(sorted(words)))
