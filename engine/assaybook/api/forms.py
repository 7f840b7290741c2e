"""The forms in which an assessment is answered, chosen by what the caller accepts."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Final

from fastapi import Header, Response
from pydantic import BaseModel

from assaybook.domain.documents import Problem
from assaybook.domain.errors import UsageError
from assaybook.domain.finding import Assessment

Accept = Annotated[str, Header(max_length=1000, description="The form of the answer.")]


class Form(StrEnum):
    """A form of an assessment, by its media type."""

    JSON = "application/json"
    SARIF = "application/sarif+json"
    JUNIT = "application/junit+xml"
    MARKDOWN = "text/markdown"
    OSCAL = "application/oscal+json"


_TEXT: Final = {"schema": {"type": "string"}}
CONTENT: Final[dict[str, object]] = {form.value: _TEXT for form in Form if form is not Form.JSON}
"""How routes document the forms beside JSON."""


def form_of(accept: str) -> Form:
    """Return the form that a caller likes best; without a preference, JSON.

    Raises:
        UsageError: ``not-acceptable``.
    """
    liked: list[tuple[float, int, Form]] = []
    for place, part in enumerate(accept.split(",")):
        media, *parameters = (one.strip().lower() for one in part.split(";"))
        quality = _quality(parameters)
        form = _matching(media)
        if form is not None and quality > 0:
            liked.append((-quality, place, form))
    if not liked:
        known = ", ".join(Form)
        raise UsageError(
            "not-acceptable",
            "the answer has no form that you accept",
            where="Accept",
            hint=f"There are {known}.",
        )
    return min(liked)[2]


def _quality(parameters: Sequence[str]) -> float:
    said = next((one[2:] for one in parameters if one.startswith("q=")), "1")
    try:
        return float(said)
    except ValueError:
        return 0.0


def _matching(media: str) -> Form | None:
    if media in {"*/*", "application/*", ""}:
        return Form.JSON
    if media == "text/*":
        return Form.MARKDOWN
    return next((form for form in Form if form.value == media), None)


def written(
    found: Assessment, form: Form, problems: Sequence[Problem] = (), *, files: Mapping[str, str]
) -> str:
    """Return an assessment in a form other than JSON, which routes write by themselves."""
    match form:
        case Form.SARIF:
            from assaybook.reporting.sarif import assessment_sarif

            return assessment_sarif(found, tuple(problems), files=files)
        case Form.JUNIT:
            from assaybook.reporting.junit import assessment_junit

            return assessment_junit(found, problems)
        case Form.MARKDOWN:
            from assaybook.reporting.markdown import assessment_markdown

            return assessment_markdown(found, tuple(problems))
        case Form.OSCAL:
            from assaybook.service.oscal import assessment_oscal

            return assessment_oscal(found, tuple(problems), files)
        case Form.JSON:
            return found.model_dump_json(by_alias=True)


def answer(
    shown: BaseModel | str, form: Form, *, status: int, headers: Mapping[str, str] | None = None
) -> Response:
    """Return an answer: a model as JSON, or text that is written already."""
    body = shown if isinstance(shown, str) else shown.model_dump_json(by_alias=True)
    media = form.value if form is Form.JSON else f"{form.value}; charset=utf-8"
    return Response(
        body, status_code=status, headers={"Vary": "Accept", **(headers or {})}, media_type=media
    )
