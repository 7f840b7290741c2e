"""The part of the SARIF 2.1.0 schema that our output speaks, as a check of structure.

Every object names what it may hold and what it must, as the official schema does: there, anything
else is refused.
"""

import re
from collections.abc import Iterator
from typing import Any, Final, cast

Shape = dict[str, Any]
_BAG: Final[Shape] = {"*": None}
_TEXT: Final[Shape] = {"text!": str, "markdown": str}
_MESSAGE: Final[Shape] = {"text!": str}
_PLACE: Final[Shape] = {
    "artifactLocation!": {"uri!": "uri"},
    "region": {"startLine!": int, "startColumn": int},
}
_LOCATION: Final[Shape] = {
    "physicalLocation": _PLACE,
    "logicalLocations": [{"fullyQualifiedName!": str, "kind": str, "name": str}],
}
_RULE: Final[Shape] = {
    "id!": str,
    "name": str,
    "shortDescription": _TEXT,
    "fullDescription": _TEXT,
    "help": _TEXT,
    "defaultConfiguration": {"level": ("none", "note", "warning", "error")},
    "properties": _BAG,
}
_RESULT: Final[Shape] = {
    "ruleId": str,
    "ruleIndex": int,
    "kind": ("notApplicable", "pass", "fail", "review", "open", "informational"),
    "level": ("none", "note", "warning", "error"),
    "message!": _MESSAGE,
    "locations": [_LOCATION],
    "partialFingerprints": _BAG,
    "suppressions": [
        {
            "kind!": ("inSource", "external"),
            "status": ("accepted", "underReview", "rejected"),
            "justification": str,
            "properties": _BAG,
        }
    ],
    "properties": _BAG,
}
_NOTIFICATION: Final[Shape] = {
    "descriptor": {"id!": str},
    "level": ("none", "note", "warning", "error"),
    "message!": _MESSAGE,
    "locations": [_LOCATION],
}
LOG: Final[Shape] = {
    "$schema": "uri",
    "version!": ("2.1.0",),
    "runs!": [
        {
            "tool!": {"driver!": {"name!": str, "version": str, "rules": [_RULE]}},
            "invocations": [
                {
                    "executionSuccessful!": bool,
                    "exitCode": int,
                    "exitCodeDescription": str,
                    "toolExecutionNotifications": [_NOTIFICATION],
                }
            ],
            "results": [_RESULT],
            "automationDetails": {"id": str},
            "columnKind": ("utf16CodeUnits", "unicodeCodePoints"),
            "properties": _BAG,
        }
    ],
}
_URI: Final = re.compile(r"[A-Za-z0-9._~:/?#@!$&'()*+,;=%-]+")


def faults(log: Any) -> list[str]:
    """Return what the schema, or the prose of the standard beside it, would refuse."""
    return [*_faults(log, LOG, ""), *(each for run in log["runs"] for each in _prose(run))]


def _faults(value: Any, shape: Any, at: str) -> Iterator[str]:
    if isinstance(shape, dict):
        yield from _of_object(value, cast("Shape", shape), at)
    elif isinstance(shape, list):
        for place, one in enumerate(value):
            yield from _faults(one, shape[0], f"{at}/{place}")
    elif isinstance(shape, tuple):
        if value not in shape:
            yield f"{at}: {value!r}"
    elif shape == "uri":
        if not isinstance(value, str) or not _URI.fullmatch(value):
            yield f"{at}: {value!r} is no URI reference"
    elif shape is not None and (not isinstance(value, shape) or value == ""):
        yield f"{at}: {value!r}"


def _of_object(value: Any, shape: Shape, at: str) -> Iterator[str]:
    known = {key.rstrip("!"): each for key, each in shape.items()}
    yield from (
        f"{at}: {key} is missing" for key in shape if key[-1] == "!" and key[:-1] not in value
    )
    for key, one in value.items():
        if key not in known and "*" not in known:
            yield f"{at}: {key} is not known"
        else:
            yield from _faults(one, known.get(key), f"{at}/{key}")


def _prose(run: Any) -> Iterator[str]:
    rules = run["tool"]["driver"]["rules"]
    if len({rule["id"] for rule in rules}) < len(rules):
        yield "two rules have one id"
    for rule in rules:
        tags = rule["properties"]["tags"]
        if len(set(tags)) < len(tags):
            yield f"{rule['id']}: a tag stands twice"
    for result in run["results"]:
        if rules[result["ruleIndex"]]["id"] != result["ruleId"]:
            yield "an index leads to another rule"
        if result["kind"] != "fail" and result["level"] != "none":
            yield f"{result['ruleId']}: what is no fail has no level"
        if "suppressions" not in result:
            yield f"{result['ruleId']}: suppressed or not, all results must say it"
        if not result["locations"]:
            yield f"{result['ruleId']}: a result stands nowhere"
    prints = [tuple(result["partialFingerprints"].items()) for result in run["results"]]
    if len(set(prints)) < len(prints):
        yield "two results have one fingerprint"
