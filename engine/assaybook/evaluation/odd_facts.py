"""What is odd about a fact: its fields that cannot be used, alone or beside the others of it."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from assaybook.domain.facts import (
    Attack,
    DataCheck,
    Documentation,
    Drift,
    Fact,
    Lineage,
    Metric,
    Review,
)
from assaybook.domain.ids import HEX_DIGITS
from assaybook.domain.letters import says_something
from assaybook.domain.metrics import METRICS

ROUNDING: Final = 0.005
"""How far a share may be from its counts: per cent without decimals are printed by some tools."""
_DISTANCES: Final = frozenset({"psi", "js", "kl", "hellinger", "cramers_v"})
"""Methods of drift whose number is never a p-value."""
_P_VALUE: Final = re.compile(r"\bp[ _-]?(?:value|val)s?\b|_p_?val", re.IGNORECASE)
_UNDECIDED: Final = re.compile(
    r"(?:to ?do|t\.?b\.?[acd]\.?|pending|open|undecided|not (?:yet )?decided|to be decided"
    r"|in progress|n/?a|none|null|unknown|\W+)",
    re.IGNORECASE,
)
"""What stands where a decision should be."""
_SHARES: Final = frozenset(("p_value", "share"))


def doubted(fact: Fact) -> Mapping[str, str]:
    """Return the fields that cannot be used, by themselves or beside the others of the fact.

    A number of drift of no known statistic has no unit: else it would be lent to a row of a
    p-value, of which little is bad. A share less than what failed of what was examined, or what
    succeeded of what was attacked, is nonsense, and so is a check that fails on nothing. A value
    of no trials is none, and one outside of its own interval, or of more trials than rows, is not
    known. A topic without a word is not there, and neither is a decision that is pending. A digest
    that was cut off names no bytes, and neither does a tool's own name for a version, such as the
    eight digits of MLflow.
    """
    find = _ODDITIES.get(fact.type)
    odd = find(fact) if find is not None else _NOTHING
    return {**fact.unknown, **odd} if odd else fact.unknown


def _odd_metric(fact: Metric) -> Mapping[str, str]:
    value = fact.value
    if value is None:
        return _NOTHING
    if 0 in {fact.n, fact.n_rows}:
        return {"value": "too_few"}
    kind = METRICS.get(fact.name)
    if kind is not None and not kind.low <= value <= kind.high:
        return {"value": "unit"}
    slack = ROUNDING * max(1.0, abs(value))
    low, high = fact.ci_low, fact.ci_high
    under = low is not None and value + slack < low
    over = high is not None and value - slack > high
    more = fact.n is not None and fact.n_rows is not None and fact.n > fact.n_rows
    return {"value": "malformed"} if under or over or more else _NOTHING


def _odd_check(fact: DataCheck) -> Mapping[str, str]:
    on_nothing = fact.status == "fail" and fact.failed_share == 0
    hides = _hides(fact.failed_share, fact.failed, fact.examined)
    return {"failed_share": "malformed"} if on_nothing or hides else _NOTHING


def _odd_attack(fact: Attack) -> Mapping[str, str]:
    """Find a rate that its counts contradict, and a value that is no share, such as 66."""
    hides = _hides(fact.rate, fact.successes, fact.attempts)
    odd = {"rate": "malformed"} if hides else {}
    for name, value in (("clean_value", fact.clean_value), ("attacked_value", fact.attacked_value)):
        if value is not None and not 0 <= value <= 1:
            odd[name] = "unit"
    return odd or _NOTHING


def _odd_drift(fact: Drift) -> Mapping[str, str]:
    """Find a number of no statistic, or one that is not what it is said to be.

    A p-value of 4 is one in per cent or none at all, and would pass every least p-value. A PSI is
    no p-value, and what is called one is no distance: little of one is much of the other.
    """
    value, said = fact.value, fact.statistic
    if value is None:
        return _NOTHING
    no_unit = said is None or (said in _SHARES and value > 1)
    method = fact.method or ""
    other = method in _DISTANCES if said == "p_value" else _P_VALUE.search(method) is not None
    return {"value": "unit"} if no_unit or other else _NOTHING


def _odd_topic(fact: Documentation) -> Mapping[str, str]:
    says_nothing = fact.present and fact.text is not None and not fact.text.strip()
    return {"present": "malformed"} if says_nothing else _NOTHING


def _odd_review(fact: Review) -> Mapping[str, str]:
    """Find a decision that is none, and a role that nobody has. A label may be any word."""
    decided = fact.decision
    says = not decided or (
        says_something(decided)
        and (fact.kind == "labelling" or _UNDECIDED.fullmatch(decided.strip()) is None)
    )
    odd = {} if says else {"decision": "malformed"}
    if fact.role is not None and not says_something(fact.role):
        odd["role"] = "malformed"
    return odd or _NOTHING


def _odd_edge(fact: Lineage) -> Mapping[str, str]:
    if fact.digest is None:
        return _NOTHING
    algorithm, _colon, value = fact.digest.partition(":")
    if algorithm not in HEX_DIGITS:
        return {"digest": "null"}
    return {"digest": "malformed"} if len(value) < HEX_DIGITS[algorithm] else _NOTHING


TOLD: Final[Mapping[tuple[str, str, str], str]] = {
    ("lineage", "digest", "null"): (
        "a tool's own name for a version is no digest of the bytes, such as sha256:0f3a..."
    ),
    ("lineage", "digest", "malformed"): "it is no whole digest of its algorithm",
    ("metric", "value", "malformed"): (
        "it is no number, stands outside its own interval, or is of more trials than rows"
    ),
    ("metric", "value", "too_few"): "it is of no trials",
    ("data_check", "failed_share", "malformed"): (
        "it is no number, or contradicts its own counts or status"
    ),
    (
        "drift",
        "value",
        "unit",
    ): "it is no number of its method, or nobody says which statistic it is",
    ("documentation", "present", "malformed"): "it is said to be there, and has no word",
    ("attack", "rate", "malformed"): "it is no number, or less than its own counts make",
    ("attack", "advantage", "malformed"): "it is no number, or does not agree with its own rates",
    ("attack", "attacked_value", "unit"): "it is no share from 0 to 1, and nobody says what it is",
    ("attack", "clean_value", "unit"): "it is no share from 0 to 1, and nobody says what it is",
    ("review", "decision", "malformed"): "it says that nothing is decided, or nothing at all",
    ("review", "role", "malformed"): "it names no role",
}
"""What is said of a field of a type that cannot be used, where its reason alone says too little."""
_NOTHING: Final[Mapping[str, str]] = {}
_ODDITIES: Final[Mapping[str, Callable[[Any], Mapping[str, str]]]] = {
    "metric": _odd_metric,
    "data_check": _odd_check,
    "attack": _odd_attack,
    "drift": _odd_drift,
    "documentation": _odd_topic,
    "review": _odd_review,
    "lineage": _odd_edge,
}
"""What is odd about a fact of each type: its fields that cannot be used, with the reason."""


def _hides(share: float | None, part: int | None, whole: int | None) -> bool:
    """Tell whether a share is less than the counts beside it say, by more than rounding.

    More parts than the whole has make any share nonsense.
    """
    if not whole or part is None:
        return False
    return part > whole or (share is not None and share + ROUNDING < part / whole)
