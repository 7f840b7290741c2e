"""Random policies and situations for the two judges: plain data, at the edges of every limit."""

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final, NamedTuple

from support.second_params import as_strict
from support.second_rows import question_of


class Situation(NamedTuple):
    """A subject, the documents that were submitted, and an instant."""

    subject: dict[str, Any]
    documents: list[dict[str, Any]]
    as_of: datetime


NOW: Final = datetime(2026, 11, 20, tzinfo=UTC)
DAY: Final = timedelta(days=1)
SECOND: Final = timedelta(seconds=1)
CATALOG: Final = "nist-ai-rmf-1.0"
_CONTROLS: Final = ("MEASURE 2.3", "MEASURE 2.11", "MEASURE 2.7", "MANAGE 1.1")


def _artifact(name: str, kind: str, digit: str) -> dict[str, Any]:
    return {"name": name, "kind": kind, "digest": f"sha256:{digit * 64}"}


M, N, D, E, C, OLD = (
    _artifact("m", "model", "1"),
    _artifact("n", "model", "3"),
    _artifact("d", "dataset", "2"),
    _artifact("e", "dataset", "4"),
    _artifact("c", "code", "5"),
    _artifact("m", "model", "6"),
)
_ALIEN: Final = (
    {"name": None, "kind": "model", "digest": f"sha256:{'9' * 64}"},
    {"name": "m", "kind": "model", "digest": f"sha256:{'9' * 64}"},
    {"name": None, "kind": None, "digest": M["digest"]},
)

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
QUESTIONS: Final[Mapping[str, Sequence[str]]] = {
    "metric": ("metric/quality",),
    "security": ("security/secret", "security/vulnerability"),
    "pii": ("pii/email", "pii/phone"),
    "data_check": ("data_check/null", "data_check/label"),
    "attack": ("attack/toxicity", "attack/jailbreak"),
    "operation": ("operation/alert", "operation/rollback"),
    "documentation": ("documentation/model",),
    "drift": ("drift",),
    "lineage": ("lineage",),
    "review": ("review/override",),
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
        "controls": {
            CATALOG: {
                one: dice.choice(["implements", "supports"])
                for one in dice.sample(_CONTROLS, dice.randint(1, 3))
            }
        },
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
        "controls": {CATALOG: {"MANAGE 1.1": "implements"}},
        "params": {},
        "needs": {},
        "rules": [{"id": "agreed", "attested": {**asked, "valid_for": "30d"}, "fix": "Ask."}],
    }


# --- situations


def a_situation(dice: Random, kind: str) -> Situation:
    """Return a situation whose documents lend one kind of fact."""
    open_key = dice.choice(["path", *_OPEN.get(kind, ())]) if dice.random() < 0.3 else ""
    plain = dice.random() < 0.5
    documents = [
        _document(dice, kind, at, open_key=open_key, plain=plain)
        for at in range(dice.choice([0, 1, 1, 2, 2, 3, 4]))
    ]
    if documents and dice.random() < 0.15:
        again = {**deepcopy(documents[0]), "id": "ev-9", "blob": f"sha256:{'0' * 64}"}
        again["produced_at"] = again["received_at"] - dice.choice([DAY, 2 * DAY])
        documents.append({**again, "tool": dice.choice(["a", "b"])})
    if dice.random() < 0.7:
        documents = [{**one, "format": "f"} for one in documents]
    as_of = NOW + dice.choice([*[timedelta()] * 8, SECOND, -SECOND, 30 * DAY, DAY])
    return Situation(_subject(dice), documents, as_of)


def _subject(dice: Random) -> dict[str, Any]:
    chances = ((M, 0.85), (N, 0.15), (D, 0.85), (E, 0.25), (C, 0.2))
    artifacts = [one for one, chance in chances if dice.random() < chance]
    subject: dict[str, Any] = {
        "system": {
            "id": "s",
            "risk_tier": dice.choice(["high", "high", "limited", "minimal", None]),
            "generative": dice.choice([True, False, None]),
        },
        "release": {
            "version": "1",
            "stage": dice.choice(["production", "retired", None]),
            "artifacts": artifacts,
        },
    }
    if dice.random() < 0.6:
        subject["release"]["baseline"] = "0"
        old = [OLD, D] if dice.random() < 0.5 else [OLD]
        subject["baseline"] = {"version": "0", "artifacts": old}
    return subject


_AGES: Final = (
    *(timedelta(), SECOND, DAY, 2 * DAY, 10 * DAY, 60 * DAY, 89 * DAY, 100 * DAY, 400 * DAY),
    *(limit + edge for limit in (30 * DAY, 90 * DAY) for edge in (-SECOND, timedelta(), SECOND)),
)


def _document(dice: Random, kind: str, at: int, *, open_key: str, plain: bool) -> dict[str, Any]:
    facts = [_fact(dice, kind, open_key) for _ in range(dice.choice([0, 1, 1, 2, 3]))]
    received = NOW - dice.choice([timedelta(), timedelta(), DAY, 5 * DAY, 30 * DAY, 91 * DAY])
    made = min(NOW - dice.choice(_AGES), received) if dice.random() < 0.9 else None
    declared = dice.sample(["produced_at", "scope", "coverage"], dice.random() < 0.1)
    hidden = open_key == "path" and dice.random() < 0.5
    document: dict[str, Any] = {
        "id": f"ev-{at}",
        "blob": f"sha256:{'abcde'[at] * 64}",
        "format": dice.choice("fffg"),
        "tool": dice.choice("aab"),
        "system": dice.choice([*["s"] * 14, "t", None]),
        "release": dice.choice([*["1"] * 10, "0", "2", None]),
        "artifacts": _named(dice),
        "scope": {
            "dataset": dice.choice("dddez"),
            "split": dice.choice(["holdout", "holdout", "train"]),
            "path": None if hidden else "p",
            "job": dice.choice([*[None] * 12, "j"]),
        },
        "assurance": dice.choice(["self", "ci", "ci", "signed", "verified"]),
        "declared": declared,
        "declared_assurance": dice.choice(["self", "ci"]),
        "submission": dice.choice(["", "", "one"]),
        "malformed": dice.random() < 0.04,
        "received_at": NOW + SECOND if dice.random() < 0.02 else received,
        "produced_at": made,
        "observed_at": received - DAY if made is None and dice.random() < 0.3 else None,
        "facts": facts,
        "coverage": _all_coverage(dice, kind, facts),
    }
    sound = {"system": "s", "release": "1", "malformed": False, "assurance": "ci"}
    return {**document, **sound, "declared": [], "artifacts": []} if plain else document


def _named(dice: Random) -> list[dict[str, Any]]:
    if dice.random() < 0.75:
        return []
    return [dice.choice([M, D, E, N, C, OLD, *_ALIEN]) for _ in range(dice.choice([1, 1, 2]))]


def _all_coverage(dice: Random, kind: str, facts: Sequence[Mapping[str, Any]]) -> list[Any]:
    if dice.random() < 0.05:
        return []
    asked = {one for one in QUESTIONS[kind] if dice.random() < 0.85}
    asked |= {question_of(one) for one in facts} if dice.random() < 0.9 else set()
    return [
        _coverage(dice, one, sum(question_of(each) == one for each in facts))
        for one in sorted(asked)
    ]


def _coverage(dice: Random, question: str, lent: int) -> dict[str, Any]:
    counts = dict.fromkeys(("examined", "failed", "errored", "skipped"))
    whole: dict[str, Any] = {"examined": 100, "failed": dice.choice([0, lent])}
    whole |= {"errored": 0, "skipped": 0}
    odd: Sequence[Mapping[str, Any]] = (
        {"errored": 1},
        {"skipped": 1, "skipped_items": dice.choice([["i1"], ["i2"], []])},
        {"skipped": 100},
        {"examined": 90, "skipped": 10},
        {"failed": lent + 1},
        {"examined": 0, "failed": 0},
        counts,
        {dice.choice(list(counts)): None},
    )
    said = whole if dice.random() < 0.6 else {**whole, **dice.choice(odd)}
    return {"question": question, "passed": None, "skipped_items": [], **said}


def _fact(dice: Random, kind: str, open_key: str) -> dict[str, Any]:
    fact = {"type": kind, **_FACTS[kind](dice)}
    if open_key in fact and dice.random() < 0.4:
        fact[open_key] = None
    doubted = _JUDGED.get(kind)
    if doubted and dice.random() < 0.04:
        fact[doubted] = None
        fact["unknown"] = {doubted: dice.choice(["unit", "redacted", "malformed"])}
    return fact


_OPEN: Final[Mapping[str, Sequence[str]]] = {
    "metric": ("slice", "split", "dimension"),
    "drift": ("method", "statistic"),
    "data_check": ("column",),
    "pii": ("column", "location"),
    "attack": ("detector",),
    "operation": ("target",),
}
"""Key columns that a document may leave open; of a situation one, since two may cross."""
_JUDGED: Final = {
    "metric": "value",
    "security": "severity",
    "pii": "treatment",
    "data_check": "failed_share",
    "attack": "rate",
    "drift": "value",
}


def _metric(dice: Random) -> dict[str, Any]:
    values = (0.8, 0.75, 0.9, 0.7999, 0.8177, 0.82, 0.85, 1.0, 0.5, 0.6, 0.95, None)
    return {
        "name": dice.choice(["recall", "recall", "recall", "precision"]),
        "slice": dice.choice(["a", "a", "b", ""]),
        "dataset": "d",
        "split": dice.choice(["holdout", "holdout", "train"]),
        "dimension": "",
        "kind": dice.choice([*["quality"] * 15, None]),
        "value": dice.choice(values),
        "unit": "ratio",
        "n": dice.choice([100, 99, 50, 49, 1, 0, 1000, None]),
    }


def _security(dice: Random) -> dict[str, Any]:
    return {
        "fingerprint": dice.choice(["f1", "f1", "f2", "f3"]),
        "class": dice.choice(["secret", "secret", "vulnerability"]),
        "severity": dice.choice(["critical", "high", "low", None]),
        "suppressed": dice.choice([True, False, None]),
    }


def _pii(dice: Random) -> dict[str, Any]:
    return {
        "entity": dice.choice(["email", "phone"]),
        "column": dice.choice("ck"),
        "location": "l",
        "score": dice.choice([0.4, 0.39, 1.0, None]),
        "count": dice.choice([0, 1, 5, None]),
        "treatment": dice.choice(["none", "masked", None]),
    }


def _data_check(dice: Random) -> dict[str, Any]:
    examined, failed = dice.choice([100, 99, 50, 400, None]), dice.choice([0, 1, 2, 5, None])
    given = dice.random() < 0.8
    return {
        "check": dice.choice(["k1", "k2"]),
        "column": dice.choice("ck"),
        "family": dice.choice([*["null", "label"] * 6, None]),
        "status": dice.choice(["pass", "pass", "fail", "error", "skip", None]),
        "examined": examined,
        "failed": failed,
        "failed_share": _share(failed, examined) if given else None,
    }


def _share(part: int | None, whole: int | None) -> float | None:
    return part / whole if whole and part is not None else None


def _attack(dice: Random) -> dict[str, Any]:
    attempts, successes = dice.choice([100, 99, 50, 49, 0, None]), dice.choice([0, 1, 5, None])
    given = dice.random() < 0.8
    return {
        "name": dice.choice(["p1", "p2"]),
        "detector": dice.choice("jw"),
        "family": dice.choice([*["toxicity", "jailbreak"] * 6, None]),
        "attempts": attempts,
        "successes": successes if attempts else None,
        "rate": _share(successes, attempts) if given else None,
    }


def _instant(dice: Random) -> datetime | None:
    ages = [timedelta(), DAY, 30 * DAY, 30 * DAY + SECOND, -DAY, 100 * DAY]
    return NOW - dice.choice(ages) if dice.random() < 0.85 else None


def _operation(dice: Random) -> dict[str, Any]:
    return {
        "kind": dice.choice(["alert", "rollback"]),
        "target": dice.choice("tu"),
        "tested_at": _instant(dice),
        "result": dice.choice(["pass", "pass", "fail", "error", None]),
    }


def _documentation(dice: Random) -> dict[str, Any]:
    present = dice.choice([True, True, False, None])
    return {
        "document": dice.choice(["model", "model", "dataset"]),
        "topic": dice.choice(["risks", "owner", "license"]),
        "present": present,
        "placeholder": dice.choice([False, False, True, None]),
        "text": "A full sentence about it." if present else None,
    }


def _drift(dice: Random) -> dict[str, Any]:
    statistic = dice.choice(["distance", "distance", "p_value"])
    return {
        "column": dice.choice(["x", "y", "", "x"]),
        "method": "ks" if statistic == "p_value" else dice.choice(["psi", "psi", "wasserstein"]),
        "statistic": statistic,
        "value": dice.choice([0.1, 0.25, 0.5, 0.05, 0.049, 0.7, None]),
        "n_reference": 100,
        "n_current": dice.choice([100, 50, 49, 1, None]),
    }


def _lineage(dice: Random) -> dict[str, Any]:
    return {
        "source": "m",
        "target": dice.choice("de"),
        "relation": dice.choice(["trained_on", "tested_on"]),
        "digest": dice.choice([D["digest"], D["digest"], E["digest"], None]),
        "masked": dice.choice([True, False, None]),
    }


def _review(dice: Random) -> dict[str, Any]:
    return {
        "reference": dice.choice(["r1", "r2"]),
        "kind": dice.choice([*["override", "feedback"] * 6, None]),
        "decision": "confirmed",
        "role": dice.choice(["lead", "nurse", None]),
        "at": _instant(dice),
    }


_FACTS: Final = {
    "metric": _metric,
    "security": _security,
    "pii": _pii,
    "data_check": _data_check,
    "attack": _attack,
    "operation": _operation,
    "documentation": _documentation,
    "drift": _drift,
    "lineage": _lineage,
    "review": _review,
}


def an_asked_situation(dice: Random, policy: str) -> Situation:
    """Return a situation with signed answers of persons to a rule, one in each document."""
    subject, _documents, as_of = a_situation(dice, "metric")
    subject["release"]["requested_by"] = dice.choice([None, "cid"])
    answers: list[dict[str, Any]] = [
        {
            "id": f"ev-a{at}",
            "blob": f"sha256:{'f' * 64}",
            "format": "assaybook-statement",
            "tool": "",
            "system": "s",
            "release": dice.choice(["1", "1", "1", "1", "2"]),
            "artifacts": [],
            "scope": dict.fromkeys(("dataset", "split", "path", "job")),
            "assurance": "signed",
            "declared": [],
            "declared_assurance": "self",
            "submission": "",
            "malformed": False,
            "received_at": NOW - dice.choice([timedelta(), DAY]),
            "produced_at": None,
            "observed_at": None,
            "coverage": [],
            "facts": [_answer(dice, policy)],
        }
        for at in range(dice.choice([0, 1, 2, 3, 4]))
    ]
    return Situation(subject, answers, as_of)


def _answer(dice: Random, policy: str) -> dict[str, Any]:
    return {
        "type": "attestation",
        "policy": policy,
        "rule": "agreed",
        "person": dice.choice(["ann", "ann", "ben", "cid"]),
        "answer": dice.choice(["yes", "yes", "yes", "no"]),
        "role": dice.choice(["lead", "lead", "lead", "clinician"]),
        "signed_at": NOW - dice.choice([*_AGES, DAY, 2 * DAY, -SECOND]),
        "valid_until": dice.choice([None, None, NOW, NOW + SECOND, NOW - SECOND]),
    }


def a_waiver(dice: Random, failed: tuple[str, str], rows: Sequence[str]) -> dict[str, Any]:
    """Return a waiver of a rule that failed, with the keys of its failing rows."""
    some = sorted(dice.sample(rows, dice.randint(1, len(rows)))) if rows else []
    named = tuple(some) if some and dice.random() < 0.6 else ()
    edges = (-SECOND, timedelta(), SECOND)
    approval = {
        "person": dice.choice([*["mara"] * 8, "ann"]),
        "at": NOW - dice.choice([DAY, DAY, *edges]),
        "verified": dice.random() < 0.9,
    }
    return {
        "policy": failed[0],
        "rule": failed[1],
        "policy_version": dice.choice([None, None, 1, 2]),
        "system": dice.choice([*["s"] * 8, "t"]),
        "releases": dice.choice([(), (), ("1",), ("2",)]),
        "rows": named,
        "whole": not named,
        "requester": "ann",
        "approval": dice.choice([*[approval] * 6, None]),
        "starts": dice.choice([None, None, *(NOW + one for one in edges)]),
        "expires": NOW + dice.choice([DAY, 40 * DAY, *edges]),
        "revoked_at": dice.choice([*[None] * 5, *(NOW + one for one in edges)]),
        "compensating": None,
    }
