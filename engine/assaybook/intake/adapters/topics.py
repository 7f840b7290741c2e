"""Documentation rows out of passages: one for each topic, with what is only a placeholder apart."""

from collections.abc import Iterable, Iterator
from typing import Final, Literal, cast

from assaybook.domain.facts import Documentation, Topic
from assaybook.domain.record import record
from assaybook.intake.prose import Looked, check_few, look_at, stated
from assaybook.intake.values import Json, label, mapping

_SAYING: Final = (
    *("@value", "description", "name", "prov:label", "label", "title"),
    *("identifier", "custom_text", "reference", "citation", "url", "@id"),
)
"""Keys of a mapping that hold what it says, the first that has something."""


@record
class Said:
    """A passage on a topic, and where it stands."""

    topic: Topic
    text: str
    pointer: str


def documented(
    document: Literal["model", "dataset", "package"],
    passages: Iterable[Said],
    language: str | None = None,
) -> Iterator[Documentation]:
    """Yield a row for each topic; the pointer is of the first passage that says something.

    Raises:
        PassagesError: more is said than anybody reads.
    """
    by_topic: dict[Topic, dict[str, str]] = {}
    for one in passages:
        texts = by_topic.get(one.topic)
        if texts is None:
            texts = by_topic[one.topic] = {}
        texts.setdefault(one.text, one.pointer)
        check_few(texts)
    looked = Looked()
    for topic, texts in by_topic.items():
        read = dict(zip(texts, look_at(looked, texts), strict=True))
        first = next((text for text in texts if read[text][0]), next(iter(texts)))
        yield stated(document, topic, read.values(), at=texts[first], language=language)


def text_of(value: Json) -> str:
    """Return what a value says: a text, a number, a mapping with a name, or a list of these."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, list) and set(map(type, value)) == {str}:
        return "\n".join(filter(None, map(str.strip, cast("list[str]", value))))
    pending: list[Json] = [value]
    words: list[str] = []
    while pending:
        one = pending.pop()
        if isinstance(one, list):
            pending += reversed(one)
        elif isinstance(one, dict):
            held = mapping(one)
            pending.append(next((held[key] for key in _SAYING if held.get(key)), None))
        elif isinstance(one, str):
            words.append(one.strip())
        elif (found := label(one)) is not None:
            words.append(found)
    return "\n".join(one for one in words if one)
