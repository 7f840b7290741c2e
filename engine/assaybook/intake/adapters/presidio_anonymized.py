"""Presidio anonymizer results: what was found in a text, and what was done to each find."""

from collections.abc import Iterator
from typing import Final, Literal, TypeAlias

from assaybook.domain.facts import Pii
from assaybook.intake.adapter import broken
from assaybook.intake.entities import canonical_entity
from assaybook.intake.parsed import Parsed
from assaybook.intake.redact_places import is_masked
from assaybook.intake.values import (
    Json,
    count,
    mapping,
    number,
    pointer,
    sequence,
    short,
    unusable,
    word,
)

Treatment: TypeAlias = Literal["none", "masked", "tokenised", "dropped"]

_TREATMENTS: Final[dict[str, Treatment]] = {
    "replace": "masked",
    "redact": "dropped",
    "hash": "tokenised",
    "encrypt": "tokenised",
    "keep": "none",
    "decrypt": "none",
    "deanonymize_keep": "none",
}
"""What each operator leaves; ``custom`` and ``surrogate_ahds`` can leave anything, and ``mask``
whatever it was not told to mask."""


def is_anonymized(value: Json) -> bool:
    """Tell whether a value is a result with items, each of which names its operator."""
    found = mapping(value)
    listed = sequence(found.get("items"))
    return "text" in found and all({"entity_type", "operator"} <= mapping(x).keys() for x in listed)


def anonymized_facts(document: Parsed) -> Iterator[Pii]:
    """Yield one fact for each find in a text, or in each of several texts.

    Raises:
        SubmitterError: an item has no entity or no operator, or a text has no items.
    """
    if isinstance(document.value, list):
        for row, raw in enumerate(document.value):
            yield from _items(document, mapping(raw), (row,), f"text {row}, ")
        return
    yield from _items(document, mapping(document.value), (), "")


def _items(
    document: Parsed, result: dict[str, Json], base: tuple[int, ...], within: str
) -> Iterator[Pii]:
    items = result.get("items")
    if not isinstance(items, list):
        raise broken(document, "the result of a text must have items", at=pointer(*base, "items"))
    for index, raw in enumerate(items):
        found, at = mapping(raw), pointer(*base, "items", index)
        entity, operator = word(found.get("entity_type")), word(found.get("operator"))
        if entity is None or operator is None:
            raise broken(document, "an item must have entity_type and operator", at=at)
        start, end = count(found.get("start")), count(found.get("end"))
        place = None if start is None or end is None else f"characters {start} to {end}"
        score = number(found.get("score"))
        odd = "score" in found and (score is None or not 0 <= score <= 1)
        yield Pii(
            pointer=at,
            unknown=unusable("score", "malformed" if odd else None),
            entity=short(canonical_entity(entity)),
            location=None if place is None else f"{within}{place}",
            score=None if odd else score,
            count=1,
            treatment=_treatment(operator, found.get("text")),
        )


def _treatment(operator: str, left: Json) -> Treatment | None:
    """Return what was done to a find; of a text that was masked in part, nobody knows how far.

    Only what is masked as a whole is left to be read here.
    """
    if operator == "mask":
        return "masked" if isinstance(left, str) and (not left or is_masked(left)) else None
    return _TREATMENTS.get(operator)
