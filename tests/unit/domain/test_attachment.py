"""What a file inside a pack may be called, and what is said of it."""

from typing import Any

import pytest
from pydantic import ValidationError

from assaybook.domain import attachment
from assaybook.domain.attachment import FINDINGS, JSON_TYPE, Attachment

SOUND: dict[str, Any] = {
    "name": FINDINGS,
    "media_type": JSON_TYPE,
    "relationship": "Data",
    "description": "What was found.",
    "data": b"{}",
}


def test_every_part_of_a_pack_has_a_name_that_an_attachment_may_have() -> None:
    names = [text for text in vars(attachment).values() if str(text).endswith((".json", ".note"))]
    assert len(names) == len(set(names)) >= 14
    assert [Attachment.model_validate(SOUND | {"name": name}).name for name in names] == names


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "../findings.json"),
        ("name", "Findings.json"),
        ("name", ".json"),
        ("media_type", "json"),
        ("relationship", "Alternative"),
        ("description", "two\nlines"),
        ("description", ""),
    ],
)
def test_paths_shouting_and_lines_are_refused(field: str, value: str) -> None:
    with pytest.raises(ValidationError):
        Attachment.model_validate(SOUND | {field: value})
