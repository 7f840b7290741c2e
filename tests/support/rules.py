"""Build needs and rules from short texts; only what a test is about is spelled out."""

from dataclasses import replace
from typing import Any

from assaybook.domain.documents import Evidence
from assaybook.domain.expression import Expression
from assaybook.domain.policy import Need, Param, ParamValue, Rule
from assaybook.domain.subject import Subject
from assaybook.domain.values import Unknown, Value
from assaybook.domain.waiver import Retirement
from assaybook.evaluation.needs import Bound, bind, by_family
from assaybook.evaluation.subject_values import params_row, release_row, system_row
from assaybook.evaluation.terms import Asked
from assaybook.evaluation.verdict import Verdict, judge
from assaybook.language.parser import parse
from support.evidence import AS_OF, a_subject

_TEXTS = ("where", "fresh_for", "covers", "may_skip", "within")


def parsed(text: str | None) -> Expression | None:
    """Return an expression, or None."""
    return None if text is None else parse(text)


def a_need(facts: str = "metric", **columns: Any) -> Need:
    """Return a need named ``found``, fresh for 90 days; texts are expressions."""
    columns = {"fresh_for": 'duration("2160h")', "name": "found", **columns}
    for name in _TEXTS:
        columns[name] = parsed(columns.get(name))
    return Need(facts=facts, **columns)


def secrets(**columns: Any) -> Need:
    """Return the need of a policy that wants no secrets: an empty list must be proven."""
    known = {"where": 'row.class == "secret"', "of": ("security/secret",), "may_be_empty": True}
    return a_need("security", **{**known, **columns})


def asked(
    *documents: Evidence,
    subject: Subject | None = None,
    params: dict[str, ParamValue | None] | None = None,
    retirements: tuple[Retirement, ...] = (),
) -> Asked:
    """Return what a need is bound against."""
    known = {name: Param(name, "string", value) for name, value in (params or {}).items()}
    return Asked(
        subject or a_subject(), by_family(documents), params_row(known), AS_OF, retirements
    )


def bound(need: Need, *documents: Evidence, **rest: Any) -> Bound:
    """Return a need bound to documents about release 1."""
    return bind(need, asked(*documents, **rest))


def codes(found: Bound) -> list[str]:
    """Return the reason codes for which a bound list is open."""
    return [reason.code for reason in found.use.open]


def a_rule(**texts: Any) -> Rule:
    """Return a rule; every text is an expression, ``let`` a mapping of them."""
    lets = tuple((name, parse(text)) for name, text in texts.pop("let", {}).items())
    names = ("for_each", "where", "at_least", "enough", "pass_when")
    parts: dict[str, Any] = {name: parsed(texts.pop(name, None)) for name in names}
    return replace(Rule(id="r", pass_when=None), lets=lets, **parts, **texts)


def verdict(
    rule: Rule,
    *needs: Need,
    documents: tuple[Evidence, ...] = (),
    params: dict[str, ParamValue | None] | None = None,
    subject: Subject | None = None,
) -> Verdict:
    """Judge a rule over needs bound to documents."""
    context = asked(*documents, params=params, subject=subject)
    env: dict[str, Value] = {
        "system": system_row(context.subject.system),
        "release": release_row(context.subject.release),
        "params": context.params,
        "$as_of": AS_OF,
    }
    env |= {need.name: bind(need, context).bag for need in needs}
    return judge(rule, env)


def outcome(found: Verdict) -> str:
    """Return ``pass``, ``fail`` or the first reason code of an unknown."""
    if isinstance(found.truth, Unknown):
        return found.truth.reasons[0].code
    return "pass" if found.truth else "fail"
