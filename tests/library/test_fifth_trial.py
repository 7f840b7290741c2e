"""Situations of the fifth trial, through files as a pipeline hands them over (decision 0046).

A letter for each rule: P passes, F fails, I is inconclusive, E an error, N not applicable. A cross
stands for what is refused: a policy or overlay that says so, or a document that is no evidence.
"""

import json
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pytest

from assaybook.domain.errors import AssayError
from assaybook.service.bundles import BundleFiles
from assaybook.service.check import CheckRequest, check_files

AS_OF: Final = "2026-11-20T00:00:00Z"
REFUSED: Final = "x"
MODEL: Final = f"sha256:{'1' * 64}"
DATA: Final = f"sha256:{'2' * 64}"
SYSTEM: Final[dict[str, Any]] = {
    "id": "s",
    "risk_tier": "high",
    "intended_uses": ["triage"],
    "deployed_use": "triage",
}
RELEASE: Final[dict[str, Any]] = {
    "version": "1",
    "stage": "production",
    "artifacts": [
        {"name": "m", "kind": "model", "digest": MODEL},
        {"name": "d", "kind": "dataset", "digest": DATA},
    ],
}
RECALL: Final[dict[str, Any]] = {
    "type": "metric",
    "name": "recall",
    "slice": "",
    "split": "holdout",
    "dataset": "d",
    "n": 200,
}
METRICS: Final = {
    "m": {
        "facts": "metric",
        "where": 'row.name == "recall" && row.split == "holdout"',
        "fresh_for": "30d",
    }
}
SECRETS: Final = {
    "m": {
        "facts": "security",
        "fresh_for": "30d",
        "of": ["security/secret"],
        "may_be_empty": True,
    }
}
FLOOR: Final = "m.all(x, x.value >= 0.8)"
NO_CRITICAL: Final = '!m.exists(x, x.severity == "critical")'


def recall(value: object = 0.9, **more: object) -> dict[str, Any]:
    """Return the recall of everybody on the hold-out split."""
    return {**RECALL, "value": value, **more}


def secret(name: str, severity: str | None = None) -> dict[str, Any]:
    """Return a secret."""
    return {"type": "security", "class": "secret", "fingerprint": name, "severity": severity}


def counts(examined: int, failed: int = 0, errored: int = 0, **more: object) -> dict[str, Any]:
    """Return known coverage of the question for secrets."""
    said = {"examined": examined, "failed": failed, "errored": errored, "skipped": 0}
    return {"question": "security/secret", **said, **more}


def document(*facts: object, **more: object) -> dict[str, Any]:
    """Return a document of ours about release 1, a day old."""
    about = {"system": "s", "release": "1"}
    known = {"assaybook": "v1", "produced_at": "2026-11-19T00:00:00Z", "subject": about}
    return {**known, **more, "facts": list(facts)}


def policy(condition: str, needs: object = METRICS, **more: object) -> dict[str, Any]:
    """Return a policy with one rule."""
    return {
        "policy": "mine.p",
        "version": 1,
        "title": "It is so",
        "why": "It must be.",
        "severity": "high",
        "controls": {"nist-ai-rmf-1.0": {"MEASURE 2.3": "implements"}},
        "needs": needs,
        "rules": [{"id": "r", "pass_when": condition, "fix": "Do it."}],
        **more,
    }


def outcome(  # noqa: PLR0913 - each is a file that a pipeline can hand over
    folder: Path,
    *documents: object,
    own: dict[str, Any] | None = None,
    shipped: str = "",
    overlays: tuple[dict[str, Any], ...] = (),
    system: dict[str, Any] | None = None,
    release: dict[str, Any] | None = None,
    as_of: str = AS_OF,
) -> str:
    """Return the letters of the rules over documents, or a cross."""
    written = {"system": {**SYSTEM, **(system or {})}, "releases": [{**RELEASE, **(release or {})}]}
    said = {f"{number}.yaml": {"overlay": f"o{number}", "set": [one]} for number, one in
            enumerate(overlays)}  # fmt: skip
    files = {"system.yaml": written, "p/mine/p.yaml": own, **said}
    named = [f"e/{number}.json" for number in range(len(documents))]
    for name, content in [*files.items(), *zip(named, documents, strict=True)]:
        if content is None:
            continue
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        text = content if isinstance(content, str) else json.dumps(content)
        place.write_text(text, encoding="utf-8")
    bundle = BundleFiles(
        policies=(folder / "p",) if own else (),
        globs=(shipped,) if shipped else (),
        overlays=tuple(folder / name for name in said),
    )
    request = CheckRequest(
        evidence=tuple(folder / name for name in named),
        system=folder / "system.yaml",
        release="1",
        as_of=datetime.fromisoformat(as_of),
        bundle=bundle,
    )
    try:
        found = check_files(request)
    except AssayError:
        return REFUSED
    letters = "".join(one.outcome.value[0].upper() for one in found.assessment.findings)
    return REFUSED if found.problems else letters


@pytest.mark.parametrize(
    ("at", "wanted", "as_of"),
    [
        pytest.param("2026-10-21T00:00:00Z", "P", AS_OF, id="exactly as old as it may be"),
        pytest.param("2026-10-20T23:59:59Z", "I", AS_OF, id="a second older"),
        pytest.param("2026-10-21T05:30:00+05:30", "P", AS_OF, id="exactly, in another zone"),
        pytest.param("2026-10-21T05:29:59+05:30", "I", AS_OF, id="a second older there"),
        pytest.param("2026-11-20T00:05:00Z", "P", AS_OF, id="clocks that differ a little"),
        pytest.param("2026-11-20T00:05:01Z", REFUSED, AS_OF, id="from the future"),
        pytest.param("2026-11-19T00:00:00", REFUSED, AS_OF, id="without a zone"),
        pytest.param(1763596800, REFUSED, AS_OF, id="a number"),
        pytest.param("2027-02-29T00:00:00Z", REFUSED, "2027-03-01T00:00:00Z", id="no leap day"),
        pytest.param("2028-02-29T00:00:00Z", "P", "2028-03-30T00:00:00Z", id="a leap day"),
        pytest.param("2028-02-29T00:00:00Z", "I", "2028-03-30T00:00:01Z", id="and a second"),
        pytest.param("0001-01-01T00:00:00Z", "I", AS_OF, id="the first instant"),
    ],
)
def test_time_is_counted_to_the_second_and_in_one_zone(
    tmp_path: Path, at: object, wanted: str, as_of: str
) -> None:
    found = outcome(tmp_path, document(recall(), produced_at=at), own=policy(FLOOR), as_of=as_of)
    assert found == wanted


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("NaN", "I"),
        ("Infinity", "I"),
        ("1e400", "I"),
        ("null", "I"),
        ("90", "I"),
        ('"0.9"', REFUSED),
        ('"90%"', REFUSED),
        ("true", REFUSED),
        ("1", "P"),
        ("-0.0", "F"),
        ("0.7999999999", "F"),
        ("0.79999999999999999", "P"),
        ("8e-1", "P"),
    ],
)
def test_a_number_is_what_it_is_and_nothing_else_is_one(
    tmp_path: Path, written: str, wanted: str
) -> None:
    text = json.dumps(document(recall(0.111))).replace("0.111", written)
    assert outcome(tmp_path, text, own=policy(FLOOR)) == wanted


@pytest.mark.parametrize(
    ("condition", "facts", "coverage", "wanted"),
    [
        pytest.param(NO_CRITICAL, [], [counts(40)], "P", id="none such, whole"),
        pytest.param(NO_CRITICAL, [secret("a")], [counts(40, 1)], "I", id="unknown severity"),
        pytest.param(NO_CRITICAL, [secret("a", "low")], [counts(39, 1, 1)], "I", id="and an error"),
        pytest.param(
            NO_CRITICAL, [secret("a", "critical")], [counts(39, 1, 1)], "F", id="a hit and an error"
        ),
        pytest.param(NO_CRITICAL, [secret("a", "low")], [counts(40, 2)], "I", id="one not shown"),
        pytest.param(NO_CRITICAL, [], [counts(3, 0, 5)], "I", id="more errors than files"),
        pytest.param(NO_CRITICAL, [], [counts(40, 2), counts(40)], "I", id="dirty, then clean"),
        pytest.param(NO_CRITICAL, [], [counts(40), counts(40, 2)], "I", id="clean, then dirty"),
        pytest.param(
            "size(m) <= 1", [secret("a"), secret("b")], [counts(9, 2)], "F", id="too many"
        ),
        pytest.param("size(m) <= 2", [secret("a")], [counts(9, 1, 1)], "I", id="or one more"),
        pytest.param("m.all(x, has(x.fixed_in))", [], [counts(9)], "P", id="all of proven none"),
        pytest.param(
            'm.filter(x, x.severity == "high").all(x, has(x.fixed_in))',
            [secret("a", "low")],
            [counts(9, 1)],
            "I",
            id="all of a filter that leaves none",
        ),
    ],
)
def test_none_is_proven_by_whole_coverage_alone(
    tmp_path: Path, condition: str, facts: list[Any], coverage: list[Any], wanted: str
) -> None:
    given = document(*facts, coverage=coverage)
    assert outcome(tmp_path, given, own=policy(condition, SECRETS)) == wanted


@pytest.mark.parametrize(
    ("first", "second", "wanted"),
    [
        pytest.param(0.95, {"floor": 0.85}, "I", id="less than the first, without a word"),
        pytest.param(0.85, {"floor": 0.95}, "F", id="more than the first"),
        pytest.param(0.85, {"floor": 0.85}, "P", id="as much"),
    ],
)
def test_a_later_overlay_takes_nothing_back_in_silence(
    tmp_path: Path, first: float, second: dict[str, Any], wanted: str
) -> None:
    params = {"floor": {"type": "ratio", "default": 0.8, "stricter": "higher"}}
    own = policy("m.all(x, x.value >= params.floor)", params=params)
    sets = (
        {"policy": "mine.p", "params": {"floor": first}},
        {"policy": "mine.p", "params": second},
    )
    assert outcome(tmp_path, document(recall()), own=own, overlays=sets) == wanted


@pytest.mark.parametrize(
    ("reason", "wanted"), [("The board agreed.", "P"), (" ", REFUSED), ("", REFUSED)]
)
def test_a_relaxation_has_a_reason_in_words(tmp_path: Path, reason: str, wanted: str) -> None:
    accepted = {"accepted": ["a"]}
    relaxed = {"allow_relax": True, "reason": reason, "params": accepted}
    sets = ({"policy": "security.secrets", **relaxed},)
    given = document(secret("a"), coverage=[counts(40, 1)])
    assert outcome(tmp_path, given, shipped="security.secrets", overlays=sets) == wanted


@pytest.mark.parametrize(
    ("system", "wanted"),
    [
        ({}, "I"),
        ({"roles": []}, "I"),
        ({"roles": ["deployer"]}, "N"),
        ({"roles": ["provider"]}, "F"),
    ],
    ids=["not stated", "none", "another", "it"],
)
def test_a_policy_for_a_role_leaves_out_only_who_has_another(
    tmp_path: Path, system: dict[str, Any], wanted: str
) -> None:
    own = policy(FLOOR, applies_when='"provider" in system.roles')
    assert outcome(tmp_path, document(recall(0.1)), own=own, system=system) == wanted


@pytest.mark.parametrize(
    "condition",
    [
        *("m.all(x, x.value >= 90)", "m.all(x, x.value >= 0.0)", "m.all(x, x.value => 0.8)"),
        *("m.all(x, x.value = 0.8)", "m.all(x, x.valu >= 0.8)", "m.all(x, x.value >= 0,8)"),
        *('m.all(x, x.value == "high")', "m.all(x, x.value >= 0.99) || true"),
        *("m.all(x, x.value > 0.8 and x.n > 10)", "m.all(x, x.value \u2265 0.8)"),
        *("m.all(x, stats.wilson_lower(x.value, x.n, 95.0) >= 0.8)", "m.all(x, 1 / x.n >= 1)"),
    ],
)
def test_a_rule_that_says_something_else_than_its_author_means_is_refused(
    tmp_path: Path, condition: str
) -> None:
    assert outcome(tmp_path, document(recall()), own=policy(condition)) == REFUSED


@pytest.mark.parametrize(
    ("condition", "facts", "wanted"),
    [
        pytest.param(
            FLOOR, [recall(slice="a=1"), recall(90, slice="a=2")], "I", id="all, one open"
        ),
        pytest.param(FLOOR, [recall(0.1, slice="a=1"), recall(90, slice="a=2")], "F", id="one bad"),
        pytest.param(
            "m.exists(x, x.value >= 0.8)",
            [recall(slice="a=1"), recall(90, slice="a=2")],
            "P",
            id="any, one good",
        ),
        pytest.param(
            "m.exists(x, x.value >= 0.8)",
            [recall(0.1, slice="a=1"), recall(90, slice="a=2")],
            "I",
            id="any, one open",
        ),
        pytest.param(
            "stats.mean(m.map(x, x.value)) >= 0.8",
            [recall(slice="a=1"), recall(90, slice="a=2")],
            "I",
            id="a mean of what is not all known",
        ),
        pytest.param(
            "m.all(x, x.value / x.ci_low >= 0.0)", [recall(ci_low=0.0)], "E", id="by nothing"
        ),
        pytest.param(FLOOR, [recall(unit="ms")], "I", id="in another unit"),
        pytest.param(FLOOR, [recall(90, unit="percent")], "P", id="in per cent"),
    ],
)
def test_what_is_not_known_decides_only_where_it_could_not_matter(
    tmp_path: Path, condition: str, facts: list[Any], wanted: str
) -> None:
    assert outcome(tmp_path, document(*facts), own=policy(condition)) == wanted


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        pytest.param("psi", "PP", id="as it is"),
        pytest.param("Population Stability Index", "PP", id="in full"),
        pytest.param("other", "PF", id="another distance"),
    ],
)
def test_a_drift_of_0_15_is_judged_by_what_it_measures(
    tmp_path: Path, written: str, wanted: str
) -> None:
    number = {"statistic": "distance", "value": 0.15, "n_reference": 500, "n_current": 500}
    given = document({"type": "drift", "column": "age", "method": written, **number})
    sets = ({"policy": "drift.features", "params": {"features": ["age"]}},)
    assert outcome(tmp_path, given, shipped="drift.features", overlays=sets) == wanted
