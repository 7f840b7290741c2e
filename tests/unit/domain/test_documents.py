"""A file that could not be read is told with all that a person needs to mend it."""

from assaybook.domain.documents import Problem, problem_of
from assaybook.domain.errors import SubmitterError


def test_a_file_that_cannot_be_used_is_told_with_code_place_reason_and_remedy() -> None:
    error = SubmitterError("json-invalid", "a brace is missing", where="line 3", hint="Add it.")
    assert problem_of("metrics.json", error) == Problem(
        file="metrics.json",
        code="json-invalid",
        where="line 3",
        message="a brace is missing",
        hint="Add it.",
    )
