"""Random facts for the two judges: a row of each kind, at the edges of what a rule asks."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final

NOW: Final = datetime(2026, 11, 20, tzinfo=UTC)
DAY: Final = timedelta(days=1)
SECOND: Final = timedelta(seconds=1)


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


def a_fact(dice: Random, kind: str, open_key: str) -> dict[str, Any]:
    fact = {"type": kind, **_FACTS[kind](dice)}
    if open_key in fact and dice.random() < 0.4:
        fact[open_key] = None
    doubted = _JUDGED.get(kind)
    if doubted and dice.random() < 0.04:
        fact[doubted] = None
        fact["unknown"] = {doubted: dice.choice(["unit", "redacted", "malformed"])}
    return fact


OPEN: Final[Mapping[str, Sequence[str]]] = {
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


def _seldom(dice: Random, usual: Any, *odd: Any) -> Any:
    return dice.choice(odd) if dice.random() < 0.04 else usual


def _metric(dice: Random) -> dict[str, Any]:
    values = (0.8, 0.75, 0.9, 0.7999, 0.8177, 0.82, 0.85, 1.0, 0.5, 0.6, 0.95, None)
    return {
        "name": dice.choice(["recall", "recall", "recall", "precision"]),
        "slice": dice.choice(["a", "a", "b", ""]),
        "dataset": "d",
        "split": dice.choice(["holdout", "holdout", "train"]),
        "dimension": "",
        "kind": dice.choice([*["quality"] * 15, None]),
        "value": _seldom(dice, dice.choice(values), 90.0, -0.5),
        "unit": "ratio",
        "ci_low": _seldom(dice, None, 0.0, 0.99),
        "ci_high": _seldom(dice, None, 1.0, 0.2),
        "n_rows": _seldom(dice, None, 0, 10, 5000),
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
        "text": _seldom(dice, "A full sentence about it." if present else None, "", " "),
    }


def _drift(dice: Random) -> dict[str, Any]:
    statistic = dice.choice(["distance", "distance", "p_value"])
    method = "ks" if statistic == "p_value" else dice.choice(["psi", "psi", "wasserstein"])
    return {
        "column": dice.choice(["x", "y", "", "x"]),
        "method": _seldom(dice, method, "psi", "ks_p_value"),
        "statistic": _seldom(dice, statistic, "share"),
        "value": dice.choice([0.1, 0.25, 0.5, 0.05, 0.049, 0.7, None, 1.2]),
        "n_reference": 100,
        "n_current": dice.choice([100, 50, 49, 1, None]),
    }


def _lineage(dice: Random) -> dict[str, Any]:
    digests = [D["digest"], D["digest"], E["digest"], None]
    return {
        "source": "m",
        "target": dice.choice("de"),
        "relation": dice.choice(["trained_on", "tested_on"]),
        "digest": _seldom(dice, dice.choice(digests), "sha256:2222", "run:12345678"),
        "masked": dice.choice([True, False, None]),
    }


def _review(dice: Random) -> dict[str, Any]:
    return {
        "reference": dice.choice(["r1", "r2"]),
        "kind": dice.choice([*["override", "feedback"] * 6, None]),
        "decision": _seldom(dice, "confirmed", "pending", "n/a", None),
        "role": _seldom(dice, dice.choice(["lead", "nurse", None]), " "),
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
