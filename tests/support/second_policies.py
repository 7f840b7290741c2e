"""Random policies and overlays for the two judges: plain data, some of which is refused."""

from collections.abc import Iterable, Mapping, Sequence
from random import Random
from typing import Any, Final

from support.second_facts import QUESTIONS
from support.second_params import as_strict
from support.second_statements import RMF, some_controls

_EACH: Final = "for_each"
_WHEN: Final = "pass_when"
WHERES: Final[Mapping[str, Sequence[str]]] = {
    "metric": (
        'row.name == "recall"',
        'row.name == "recall" && row.split == "holdout"',
        "row.slice in params.slices",
        'row.kind == "quality"',
    ),
    "security": ('row.class == "secret"', 'row.severity in ["high", "critical"]'),
    "pii": ("row.score >= 0.4", 'row.entity == "email"'),
    "data_check": ('row.family == "null"', 'row.status in ["pass", "fail"]'),
    "attack": ('row.family == "toxicity"',),
    "operation": ('row.kind == "alert"',),
    "documentation": ('row.document == "model"',),
    "drift": ('row.method == "psi"', 'row.column != "" && row.statistic == "distance"'),
    "lineage": ('row.relation == "trained_on"',),
    "review": ('row.kind == "override"',),
}
_DRILL: Final = 'age(a.tested_at) >= duration("0s") && age(a.tested_at) <= params.drill'
RULES: Final[Mapping[str, Sequence[Mapping[str, Any]]]] = {
    "metric": (
        {_EACH: "n", _WHEN: "row.value >= params.floor"},
        {_EACH: "n", "enough": "row.n >= params.min_n", _WHEN: "row.value >= params.floor"},
        {
            _EACH: "n",
            "where": "row.slice in params.slices",
            "at_least": "size(params.slices)",
            "enough": "row.n >= params.min_n",
            _WHEN: "stats.wilson_lower(row.value, row.n, 0.95) >= params.floor",
        },
        {_EACH: "n", "at_least": "size(params.slices)", _WHEN: "row.value >= params.floor"},
        {_WHEN: "params.slices.all(s, n.exists(m, m.slice == s))"},
        {
            "let": {"known": "n.filter(m, m.n >= params.min_n).map(m, m.value)"},
            "enough": "size(known) == size(params.slices)",
            _WHEN: "math.greatest(known) - math.least(known) <= params.gap",
        },
        {_WHEN: "n.all(m, m.value >= params.floor)"},
        {_WHEN: "n.exists(m, m.value >= params.floor && m.n >= params.min_n)"},
        {_WHEN: "stats.mean(n.map(m, m.value)) >= params.floor"},
        {_WHEN: "size(n) >= 2"},
        {_WHEN: "size(n.filter(m, m.value >= params.floor)) >= 2"},
        {_WHEN: 'only(n, m, m.slice == "a").value >= params.floor'},
        {
            _EACH: "n",
            "where": 'row.slice == "a"',
            _WHEN: "row.value >= params.floor && row.n >= 50",
        },
        {_EACH: "n", _WHEN: "row.n >= params.min_n ? row.value >= params.floor : row.value > 0.95"},
        {"let": {"big": "n.filter(m, m.n >= 50)"}, _EACH: "big", _WHEN: "row.value >= 0.8"},
        {_WHEN: 'n.all(m, m.slice != "a" || m.value >= params.floor)'},
        {_EACH: "n", _WHEN: "row.value / (row.value - 0.5) >= params.floor"},
        {_WHEN: "n.filter(m, m.n >= params.min_n).all(m, m.value >= params.floor)"},
    ),
    "security": (
        {_EACH: "n", "at_least": 0, _WHEN: "row.fingerprint in params.accepted"},
        {_WHEN: '!n.exists(f, f.severity == "critical")'},
        {_WHEN: 'size(n.filter(f, f.severity in ["high", "critical"])) <= 1'},
        {_WHEN: "size(n) <= 1"},
        {_WHEN: "size(n) == 0"},
        {_EACH: "n", "at_least": 0, _WHEN: 'row.suppressed || row.severity != "critical"'},
        {_EACH: "n", "at_least": 0, _WHEN: "has(row.suppressed) && row.suppressed"},
        {_EACH: "n", _WHEN: "row.suppressed"},
        {_WHEN: "n.all(f, f.fingerprint in params.accepted || f.suppressed)"},
        {_WHEN: '!n.filter(f, f.severity == "critical").exists(f, !f.suppressed)'},
    ),
    "pii": (
        {
            _EACH: "n",
            "at_least": 0,
            _WHEN: 'row.score < 0.4 || row.treatment in ["masked", "dropped"]',
        },
        {_WHEN: '!n.exists(f, f.treatment == "none")'},
        {_EACH: "n", "at_least": 0, _WHEN: "(has(row.count) && row.count == 0) || row.score < 0.4"},
        {_WHEN: "size(n) <= 2"},
    ),
    "data_check": (
        {_EACH: "n", _WHEN: "row.failed_share <= params.share"},
        {
            _EACH: "n",
            "at_least": 2,
            "enough": "row.examined >= params.min_n",
            _WHEN: "row.failed_share <= params.share",
        },
        {_WHEN: 'n.exists(c, c.family == "label" && c.status == "pass")'},
        {_WHEN: 'n.all(c, c.status == "pass")'},
        {_EACH: "n", "enough": 'row.status in ["pass", "fail"]', _WHEN: "row.failed <= 2"},
    ),
    "attack": (
        {_EACH: "n", "enough": "row.attempts >= params.min_n", _WHEN: "row.rate <= params.share"},
        {_WHEN: 'n.exists(a, a.family == "toxicity" && a.attempts > 0)'},
        {_EACH: "n", _WHEN: "stats.wilson_upper(row.rate, row.attempts, 0.95) <= params.gap"},
    ),
    "operation": (
        {_WHEN: f'n.exists(a, a.result == "pass" && {_DRILL})'},
        {_EACH: "n", _WHEN: 'row.result == "pass"'},
        {_EACH: "n", "enough": "age(row.tested_at) <= params.drill", _WHEN: 'row.result == "pass"'},
    ),
    "documentation": (
        {_WHEN: "params.topics.all(t, n.exists(c, c.topic == t && c.present && !c.placeholder))"},
        {_WHEN: 'n.exists(c, c.topic == "risks" && c.present)'},
    ),
    "drift": (
        {_EACH: "n", _WHEN: "row.value <= params.gap"},
        {_EACH: "n", "enough": "row.n_current >= params.min_n", _WHEN: "row.value <= params.gap"},
        {_WHEN: "params.features.all(f, n.exists(m, m.column == f))"},
        {_WHEN: "stats.slope(n.map(m, m.value)) <= params.gap"},
    ),
    "lineage": (
        {_EACH: "n", _WHEN: "release.artifacts.exists(a, a.digest == row.digest)"},
        {
            "let": {"read": 'release.artifacts.filter(a, a.kind == "dataset")'},
            _WHEN: "read.all(d, n.exists(e, e.digest == d.digest))",
        },
        {_EACH: "n", _WHEN: "row.masked"},
    ),
    "review": (
        {_WHEN: "n.exists(r, r.role in params.roles && age(r.at) <= params.drill)"},
        {_EACH: "n", _WHEN: "row.role in params.roles"},
    ),
}
_PARAMS: Final[Mapping[str, tuple[str, str, Sequence[Any]]]] = {
    "floor": ("ratio", "higher", (0.8, 0.75, 0.9)),
    "gap": ("number", "lower", (0.1, 0.25, 0.5)),
    "share": ("ratio", "lower", (0.01, 0.05)),
    "min_n": ("int", "higher", (1, 50, 100)),
    "slices": ("list<string>", "superset", (["a", "b"], ["a"], ["a", "b", ""], None)),
    "topics": ("list<string>", "superset", (["risks", "owner"],)),
    "features": ("list<string>", "superset", (["x", "y"],)),
    "roles": ("list<string>", "subset", (["lead"], ["lead"], None)),
    "accepted": ("list<string>", "subset", ([], ["f1"])),
    "drill": ("duration", "lower", ("30d",)),
    "max_age": ("duration", "lower", ("30d", "90d")),
    "may_skip": ("list<string>", "subset", ([], ["i1"])),
}
_APPLIES: Final = (
    *[None] * 7,
    'system.risk_tier in ["high", "limited"]',
    "system.generative",
    '!(release.stage in ["retired", "design"])',
    'system.risk_tier == "high" && !system.generative',
)


def a_policy(dice: Random, number: int) -> tuple[str, dict[str, Any]]:
    """Return a kind of fact and a policy that reads it; the loader may refuse it."""
    kind = dice.choice([*RULES, *["metric"] * 4, *["security"] * 3])
    need = _need(dice, kind)
    some = dice.sample(RULES[kind], min(dice.randint(1, 3), len(RULES[kind])))
    rules = [_rule(dice, at, one, need) for at, one in enumerate(some)]
    read = repr((need, rules))
    policy: dict[str, Any] = {
        "policy": f"t.p{number}",
        "version": dice.choice([1, 2]),
        "title": f"Claim {number}",
        "why": "It must.",
        "severity": dice.choice(["low", "medium", "high", "critical"]),
        "controls": some_controls(dice),
        "params": {name: _param(dice, name) for name in _PARAMS if f"params.{name}" in read},
        "needs": {"n": need},
        "rules": rules,
    }
    applies = dice.choice(_APPLIES)
    return kind, policy if applies is None else {**policy, "applies_when": applies}


def _param(dice: Random, name: str) -> dict[str, Any]:
    kind, stricter, values = _PARAMS[name]
    value = dice.choice(values)
    known = {"type": kind, "stricter": stricter}
    return known if value is None else {**known, "default": value}


def _need(dice: Random, kind: str) -> dict[str, Any]:
    fresh = dice.choice(["30d", "90d", "params.max_age", "never"])
    need: dict[str, Any] = {"facts": kind, "fresh_for": fresh}
    where = dice.choice([None, *WHERES[kind]])
    if where:
        need["where"] = where
    if dice.random() < 0.35:
        need["about"] = dice.choice(["system", "model", "dataset", "baseline", "release"])
    if dice.random() < 0.5:
        need["of"] = dice.sample(QUESTIONS[kind], dice.randint(1, len(QUESTIONS[kind])))
        if dice.random() < 0.7:
            need["may_be_empty"] = True
            if dice.random() < 0.2:
                need["covers"] = 'scope.split == "holdout"'
    for key, values in (
        ("min_examined", (0.5, 0.9)),
        ("may_skip", ("params.may_skip",)),
        ("assurance", ("ci", "signed", "self")),
    ):
        if dice.random() < 0.22:
            need[key] = dice.choice(values)
    if kind in {"metric", "drift"} and "may_be_empty" not in need and dice.random() < 0.15:
        need["last"] = dice.choice([2, 3])
        if dice.random() < 0.5:
            need["within"] = dice.choice(["30d", "60d"])
    return need


def _rule(
    dice: Random, at: int, base: Mapping[str, Any], need: Mapping[str, Any]
) -> dict[str, Any]:
    rule = {"id": f"r{at}", "fix": "Mend it.", **base}
    if rule.get("at_least") == 0 and "may_be_empty" not in need:
        del rule["at_least"]
    if _EACH in rule and "at_least" not in rule and dice.random() < 0.15:
        rule["at_least"] = dice.choice([2, 3])
    if dice.random() < 0.12:
        rule["on_unknown"] = "fail"
    return rule


def some_overlays(dice: Random, policies: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return overlays of one param each; none asks less of a policy without saying so."""
    drawn: list[dict[str, Any]] = []
    for policy in policies:
        for name, param in policy["params"].items():
            for _each in range(dice.choice([0, 0, 1, 2])):
                value, default = _otherwise(dice, name), param.get("default")
                one = {"policy": policy["policy"], "params": {name: value}, **dice.choice(_FOR)}
                less = default is not None and not as_strict(param, value, default)
                relaxed = less or dice.random() < 0.2
                why = {"allow_relax": True, "reason": "Agreed."} if relaxed else {}
                drawn.append({**one, **why})
    return [{"overlay": f"o{at}", "set": [one]} for at, one in enumerate(drawn)]


_FOR: Final[Sequence[Mapping[str, Any]]] = (
    {},
    {"for": ["s"]},
    {"for": ["t"]},
    {"for": 'system.risk_tier == "high"'},
    {"for": "system.generative"},
)


def _otherwise(dice: Random, name: str) -> Any:
    kind, _stricter, values = _PARAMS[name]
    return dice.choice([*(one for one in values if one is not None), *_FURTHER.get(kind, ())])


_FURTHER: Final[Mapping[str, Sequence[Any]]] = {
    "ratio": (0.01, 0.05, 0.8, 0.95),
    "int": (20, 1000),
    "duration": ("20d", "60d", "120d"),
}


def an_asking_policy(people: int) -> dict[str, Any]:
    """Return a policy that asks persons."""
    asked = {"question": "Is it fit?", "role": "lead", "people": people}
    return {
        "policy": f"t.asks{people}",
        "version": 1,
        "title": "Persons agree",
        "why": "Nobody alone.",
        "severity": "high",
        "controls": {RMF: {"MANAGE 1.1": "implements"}},
        "params": {},
        "needs": {},
        "rules": [{"id": "agreed", "attested": {**asked, "valid_for": "30d"}, "fix": "Ask."}],
    }
