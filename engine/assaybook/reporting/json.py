"""Findings as JSON: the shape that others build on."""

import json
from collections.abc import Iterable, Mapping

from pydantic import JsonValue

from assaybook.domain.documents import Problem
from assaybook.domain.finding import Assessment
from assaybook.reporting.spoken import json_text


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


def judgement_json(
    assessment: Assessment, problems: Iterable[Problem], files: Mapping[str, str]
) -> str:
    """Return the assessment with what could not be read and the file of each piece of evidence.

    It is what ``assay check --format json`` writes, harmless in a log as well.

    Raises:
        ValueError: a number is not finite; JSON has no word for it.
    """
    more: dict[str, JsonValue] = {
        "problems": [one.model_dump(mode="json") for one in problems],
        "files": dict(files),
    }
    value = findings_value(assessment)
    return json_text({**value, **more} if isinstance(value, dict) else value)
