"""What is said of a pack that another version made names both versions, and which is older."""

import pytest

from assaybook.service.judge import ENGINE
from assaybook.service.verify_engine import made_by, otherwise
from assaybook.service.verify_report import Standing


@pytest.mark.parametrize(
    ("engine", "word"),
    [
        ("assaybook 0.0.9", "older than"),
        ("assaybook 0.0.10", "older than"),
        ("assaybook 10.0.0", "newer than"),
        ("assaybook 9", "another version than"),
        ("", "another version than"),
        (f"{ENGINE}.dev1", "another version than"),
        ("assaybook 1.0.0\n", "another version than"),
    ],
)
def test_a_version_is_older_or_newer_by_its_numbers(engine: str, word: str) -> None:
    assert made_by(engine) == f"{engine}, {word} this {ENGINE}"


def test_of_what_another_version_wrote_nobody_can_tell_and_its_version_is_what_to_ask() -> None:
    step = otherwise("period", "period.json", "assaybook 0.0.1", "it differs")
    assert (step.standing, step.code) == (Standing.UNSURE, "engine-other")
    assert (
        step.message
        == f"the pack was made by assaybook 0.0.1, older than this {ENGINE}: it differs"
    )
    assert step.hint == "Verify with the version of Assaybook that made the pack."
