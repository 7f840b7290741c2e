"""Findings as JSON: the shape that others build on."""

import json

from pydantic import JsonValue

from assaybook.domain.finding import Assessment


def findings_value(assessment: Assessment) -> JsonValue:
    """Return the assessment as plain JSON values, by the names of the public shape."""
    value: JsonValue = assessment.model_dump(mode="json", by_alias=True)
    return value


def findings_json(assessment: Assessment) -> str:
    """Return the assessment as JSON text of two-space indent that ends with a line feed.

    Raises:
        ValueError: a number is not finite; JSON has no word for it.
    """
    value = findings_value(assessment)
    return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2) + "\n"
