"""How long forty rules take for one release: closures with trace, the interpreter, and peers.

Prints one JSON object a line. Absolute times belong to the machine; the ratios of one run are what
counts. A peer is measured where it can be imported: ``cel_expr_python`` (CEL in C++) judges the
thresholds alone, on the same values as plain maps, and gives booleans without a trace.
"""

import json
import statistics
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from importlib import import_module
from time import process_time
from typing import Any, Final, cast

from assaybook.domain.expression import Expression
from assaybook.domain.values import Bag, Member, Row, Value
from assaybook.evaluation.closures import compile_expression
from assaybook.evaluation.interpret import interpret
from assaybook.evaluation.trace import Trace, build
from assaybook.language.parser import parse

AS_OF: Final = datetime(2026, 11, 21, tzinfo=UTC)
ROUNDS: Final = 300
_SCALARS: Final = ("accuracy", "precision", "recall", "f1", "auc", "brier", "latency", "ece")
_TOPICS: Final = ("intended_use", "limitations", "training_data", "ethics", "owner", "license")
_GROUPS: Final = tuple(f"group={number}" for number in range(8))

THRESHOLDS: Final = tuple(
    f"overall.{name} {'<=' if name in {'brier', 'latency', 'ece'} else '>='} {limit}"
    for name, limit in zip(_SCALARS, (0.8, 0.75, 0.7, 0.7, 0.8, 0.2, 250.0, 0.1), strict=True)
)
LISTS: Final = (
    "accuracy.all(m, m.value >= params.floor)",
    "accuracy.all(m, m.n >= params.min_n)",
    "accuracy.all(m, stats.wilson_lower(m.value, m.n, 0.95) >= 0.7)",
    "fpr.all(m, m.value <= 0.2 && m.n >= params.min_n)",
    "params.slices.all(s, accuracy.exists(m, m.slice == s))",
    "math.greatest(accuracy.map(m, m.value)) - math.least(accuracy.map(m, m.value)) <= 0.2",
    "math.greatest(fpr.map(m, m.value)) - math.least(fpr.map(m, m.value)) <= 0.2",
    "size(accuracy) >= 6",
    "size(lineage) >= 1",
    "!pii.exists(p, p.treatment == 'none')",
    "!pii.exists(p, p.entity == 'IBAN')",
    "lineage.all(e, e.license in ['Apache-2.0', 'MIT', 'CC-BY-4.0'])",
    "lineage.all(e, e.digest.matches('^sha256:[0-9a-f]{8}$'))",
    "lineage.all(e, e.rows >= 5000)",
)
RULES: Final = (
    *THRESHOLDS,
    *LISTS,
    *(f"card.exists(d, d.topic == '{topic}' && d.present)" for topic in _TOPICS),
    "age(overall.evaluated_at) <= duration('90d')",
    "age(overall.scanned_at) <= params.max_age",
    "system.risk_tier in ['minimal', 'limited', 'high']",
    "system.owner.matches('^[^@]+@[^@]+[.][a-z]+$')",
    "release.version.matches('^[0-9]+[.][0-9]+[.][0-9]+$')",
    "release.stage in ['staging', 'production']",
    "system.risk_tier != 'high' || overall.accuracy >= 0.9",
    "release.stage != 'production' || overall.n >= 5000",
    "system.risk_tier == 'high' ? overall.psi <= 0.1 : overall.psi <= 0.2",
    "has(overall.psi) && overall.psi <= 0.25",
    "overall.attack_successes <= 3",
    "overall.accuracy - overall.attacked <= params.max_gap",
)


def release() -> dict[str, Value]:
    """Return what the forty rules see of one release, all of it known."""
    overall = dict.fromkeys(_SCALARS, 0.95)
    low = {"brier": 0.1, "latency": 120.5, "ece": 0.04, "psi": 0.08, "attacked": 0.9}
    times = {
        "evaluated_at": AS_OF - timedelta(days=9),
        "scanned_at": AS_OF - timedelta(days=20),
    }
    return {
        "overall": _row("metric", 0, **overall | low | times | {"n": 9000, "attack_successes": 1}),
        "accuracy": _rows("metric", [{"slice": g, "value": 0.93, "n": 900} for g in _GROUPS]),
        "fpr": _rows("metric", [{"slice": g, "value": 0.06, "n": 900} for g in _GROUPS]),
        "pii": _rows("pii", [{"entity": "EMAIL", "treatment": "masked"} for _ in range(5)]),
        "lineage": _rows(
            "lineage",
            [{"license": "MIT", "digest": "sha256:0123abcd", "rows": 90_000} for _ in range(3)],
        ),
        "card": _rows("documentation", [{"topic": t, "present": True} for t in _TOPICS * 2]),
        "system": _row("system", 0, risk_tier="high", owner="team@example.org"),
        "release": _row("release", 0, version="1.4.2", stage="production"),
        "params": _row(
            "params",
            0,
            floor=0.8,
            min_n=100,
            max_gap=0.1,
            max_age=timedelta(days=60),
            slices=Bag(tuple(Member(group) for group in _GROUPS[:4])),
        ),
        "$as_of": AS_OF,
    }


def _row(kind: str, number: int, **values: Value) -> Row:
    return Row(kind, f"{kind}[{number}]", values)


def _rows(kind: str, values: list[dict[str, Value]]) -> Bag:
    rows = (_row(kind, number, **one) for number, one in enumerate(values))
    return Bag(tuple(map(Member, rows)), label=kind, kind=kind)


def median_us(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Return the median time of some work in microseconds."""
    times: list[float] = []
    for _ in range(rounds):
        start = process_time()
        work()
        times.append(process_time() - start)
    return statistics.median(times) * 1e6


def say(what: str, per_release: float, **more: float | str) -> None:
    """Print one measurement."""
    per_rule = round(per_release / len(RULES), 3)
    print(json.dumps({"what": what, "us": round(per_release, 1), "us_per_rule": per_rule} | more))


def measure_ours(env: dict[str, Value]) -> float:
    """Measure both back ends and return the time of the closures for one release."""
    expressions = [parse(text) for text in RULES]
    start = process_time()
    compiled = [compile_expression(one) for one in expressions]
    compiling = (process_time() - start) * 1e6
    judges = [one.judge for one in compiled]

    def quick() -> list[tuple[Value, Trace]]:
        return [(judge(env, trace := Trace()), trace) for judge in judges]

    def reference() -> list[Value]:
        return [interpret(one.node, env) for one in expressions]

    if [value for value, _ in quick()] != reference() or not all(
        isinstance(value, bool) for value, _ in quick()
    ):
        raise SystemExit("the back ends disagree, or a rule is undecided: nothing to measure")
    closures = median_us(quick)
    say("closures, trace kept", closures, rules=len(RULES))
    slow = median_us(reference, ROUNDS // 10)
    say("reference interpreter", slow, ratio_to_closures=round(slow / closures, 2))
    say("compiling, once", compiling)

    def accounts() -> None:
        for expression, one, (_, trace) in zip(expressions, compiled, quick(), strict=True):
            build(expression, one.site, trace)

    told = median_us(accounts, ROUNDS // 10)
    say("closures and every account written", told, ratio_to_closures=round(told / closures, 2))
    measure_runaway()
    return closures


def measure_runaway() -> None:
    """Measure how soon a thousand million steps are refused."""
    numbers = Bag(tuple(Member(number) for number in range(1000)))
    text = "xs.all(a, xs.all(b, xs.all(c, a + b + c >= 0)))"
    expression: Expression = parse(text)
    for what, work in (
        ("closures", lambda: compile_expression(expression).judge({"xs": numbers}, Trace())),
        ("interpreter", lambda: interpret(expression.node, {"xs": numbers})),
    ):
        say(f"10^9 steps refused by the {what}", median_us(work, 1))


def measure_cel_cpp(env: Mapping[str, Value], ours: float) -> None:
    """Measure the thresholds in the C++ engine, where it is installed."""
    try:
        cel: Any = import_module("cel_expr_python.cel")
    except ImportError:
        print(json.dumps({"what": "cel_expr_python", "skipped": "not installed"}))
        return
    overall = cast("Row", env["overall"])
    data = {"overall": {key: v for key, v in overall.values.items() if isinstance(v, float)}}
    known = cel.NewEnv(variables={"overall": cel.Type.Map(cel.Type.STRING, cel.Type.DYN)})
    programs = [known.compile(text) for text in THRESHOLDS]
    theirs = median_us(lambda: [program.eval(data=data) for program in programs])
    judges = [compile_expression(parse(text)).judge for text in THRESHOLDS]
    same = median_us(lambda: [judge(env, Trace()) for judge in judges])
    print(
        json.dumps(
            {
                "what": "cel_expr_python, eight thresholds",
                "us": round(theirs, 1),
                "ours_us": round(same, 1),
                "ratio": round(theirs / same, 1),
                "ours_forty_rules_us": round(ours, 1),
            }
        )
    )


if __name__ == "__main__":
    ENVIRONMENT = release()
    measure_cel_cpp(ENVIRONMENT, measure_ours(ENVIRONMENT))
