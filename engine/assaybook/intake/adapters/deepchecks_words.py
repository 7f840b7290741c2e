"""Words of Deepchecks: checks for other data or models, scores turned round, and verdicts."""

import re
from typing import Final, Literal

from assaybook.intake.values import Json, number, word

_FOR_OTHERS: Final = re.compile(
    r"check is (?:only )?(?:ir)?relevant\b|check requires\b|dataset does not contain\b"
    r"|there is no (?:label|index|datetime)\b",
    re.IGNORECASE,
)
_BOUNDS: Final = {
    "numerical": re.compile(r"(?:numerical|[Ll]abel|[Pp]rediction) drift score < ([0-9.]+)"),
    "categorical": re.compile(r"(?:categorical|[Ll]abel|[Pp]rediction) drift score < ([0-9.]+)"),
}
_CATEGORICAL: Final = frozenset({"cramers_v", "psi"})
_NEGATIVE: Final = re.compile(r"neg(?:ative)?[ _](.+)", re.IGNORECASE)

STATUSES: Final = ("ERROR", "FAIL", "WARN", "PASS")
"""What a condition can come to, the worst first."""


def is_for_others(exception: Json) -> bool:
    """Tell whether a check did not run because it is not for such data: nothing broke off."""
    said = word(exception)
    return said is not None and _FOR_OTHERS.match(said) is not None


def turned_round(name: str, value: Json) -> tuple[str, Json]:
    """Return the name and value of an error that is given negative (``Neg RMSE``) as they are."""
    found, plain = _NEGATIVE.fullmatch(name), number(value)
    if found is None or plain is None or plain > 0:
        return name, value
    return found.group(1), abs(plain)


def drift_verdict(
    verdict: str | None, column: str, told: set[str], *, whole: bool
) -> Literal["drift", "no_drift"] | None:
    """Return the tool's verdict; of several columns a failed condition names those that moved."""
    if verdict == "PASS":
        return "no_drift"
    if verdict in {"FAIL", "WARN"} and (whole or column in told):
        return "drift"
    return None


def bound(conditions: tuple[tuple[str, str], ...], method: str | None) -> float | None:
    """Return the threshold that a condition on drift names."""
    kind = "categorical" if method in _CATEGORICAL else "numerical"
    for condition, _ in conditions:
        found = _BOUNDS[kind].search(condition)
        if found:
            return number(found.group(1).rstrip("."))
    return None
