"""Needs, params and rules of a policy, built from text without a YAML file."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from assaybook.domain.expression import Expression
from assaybook.domain.metrics import METRICS
from assaybook.domain.policy import Need, Param, Rule
from assaybook.domain.types import ANY, BOOL, INT, Type
from assaybook.language.checker import check
from assaybook.language.environment import (
    covers_environment,
    row_of,
    rule_environment,
    where_environment,
)
from assaybook.language.parser import parse

FILE: Final = "policies/fairness/slice-floor.yaml"
PARAMS: Final[Mapping[str, Param]] = {
    param.name: param
    for param in (
        Param("slices", "list<string>", ("sex=female", "sex=male"), "superset", min_items=2),
        Param("floor", "ratio", 0.8, "higher"),
        Param("max_gap", "ratio", 0.1, "lower"),
        Param("min_n", "int", 100, "higher"),
        Param("some", "int", 3, minimum=1.0),
        Param("factor", "number", 2.5),
        Param("max_age", "duration", timedelta(days=90), "lower"),
        Param("strict", "bool", True),
        Param("forbidden", "list<string>"),
        Param("limits", "list<number>", (1.0, 2.5)),
        Param("unset_floor", "ratio"),
        Param("nothing", "list<string>", ()),
    )
}


def a_need(
    name: str,
    facts: str,
    where: str = "",
    *,
    covers: str = "",
    **more: Any,
) -> Need:
    """Return a need with its conditions typed."""
    need = Need(name, facts, **more)
    if where:
        names = where_environment(need, PARAMS)
        need = replace(need, where=check(parse(where, file=FILE), names, expected=BOOL))
    if covers:
        names = covers_environment(PARAMS)
        need = replace(need, covers=check(parse(covers, file=FILE), names, expected=BOOL))
    return need


NEEDS: Final[Mapping[str, Need]] = {
    need.name: need
    for need in (
        a_need("recall", "metric", 'row.name == "recall" && row.split == "holdout"'),
        a_need("trend", "metric", 'row.name == "recall"', last=5),
        a_need(
            "secrets",
            "security",
            'row.class == "secret"',
            may_be_empty=True,
            of=("security/secret",),
        ),
        a_need("drift", "drift"),
        a_need("alerts", "operation", 'row.kind == "alert"', about="system"),
        a_need("checks", "data_check", 'row.family in ["null", "range"] && row.failed > 0'),
    )
}
ENVIRONMENT: Final[Mapping[str, Type]] = rule_environment(NEEDS, PARAMS, METRICS)


def typed(text: str, expected: Type = ANY, **more: Type) -> Expression:
    """Return an expression of a rule, parsed and typed."""
    return check(parse(text, file=FILE), {**ENVIRONMENT, **more}, expected=expected)


def a_rule(  # noqa: PLR0913  as many parts as a rule has
    pass_when: str,
    *,
    for_each: str = "",
    where: str = "",
    enough: str = "",
    at_least: str = "",
    let: Mapping[str, str] | None = None,
    **more: Any,
) -> Rule:
    """Return a rule with its expressions typed, as a policy file would have it."""
    names: dict[str, Type] = {}
    lets: list[tuple[str, Expression]] = []
    for name, text in (let or {}).items():
        lets.append((name, typed(text, **names)))
        names[name] = lets[-1][1].node.type
    over = typed(for_each, **names) if for_each else None
    least = typed(at_least, INT, **names) if at_least else None
    row = row_of(over.node.type) if over else None
    inner = names if row is None else {**names, "row": row}
    return Rule(
        "rule",
        typed(pass_when, BOOL, **inner),
        for_each=over,
        where=typed(where, BOOL, **inner) if where else None,
        enough=typed(enough, BOOL, **inner) if enough else None,
        at_least=least,
        lets=tuple(lets),
        **more,
    )
