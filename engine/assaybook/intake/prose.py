"""What a text says without its placeholders: template text is no content."""

import re
from collections.abc import Iterable, Iterator, Sized
from dataclasses import field
from functools import lru_cache
from typing import Final, Literal

import re2  # pyright: ignore[reportMissingTypeStubs]

from assaybook.domain.facts import Documentation, Topic
from assaybook.domain.record import draft
from assaybook.intake.made import filled
from assaybook.intake.values import LONGEST_PASSAGE, passage

LABEL: Final = re.compile(r"^\s*(?:[-*+]\s+)?(?:\*\*|__)(.{1,60}?):?(?:\*\*|__)\s*:?\s*(.*)$")
"""A bold label at the beginning of a line, and what stands behind it."""
PLACEHOLDER: Final = re.compile(
    r"users (?:\(both direct and downstream\) )?should be made aware of the risks, biases and"
    r" limitations of the (?:model|dataset)\.(?=\s*more information needed|\s*$)"
    r"|carbon emissions can be estimated using the \[machine learning impact calculator\].*"
    r"|\{\{[^{}]{0,500}\}\}|\{%[^{}]{0,500}%\}"
    r"|\[(?:needs? )?more information(?: (?:is )?needed)?\](?:\([^()\s]{0,500}\))?"
    r"|\b(?:needs? more information|more information (?:is )?needed)"
    r"(?: for further recommendations)?\.?\s*$"
    r"|[\[(<](?:still |yet )?to be [a-z]{3,12}(?: in)?(?: later| soon)?[\])>]"
    r"|(?:^|:|\b(?:is|are|still|yet)\b)[\s*_-]*to be"
    r" (?:added|announced|completed|defined|determined|documented|filled in|provided|written)\W*$"
    r"|(?-i:\b(?:TODO|ToDo|TBD|TBA|TBC|FIXME)\b)(?::.*)?|\b(?:todo|tbd|tba|fixme):.*"
    r"|\bt\.\s?b\.\s?[acd]\b\.?|lorem ipsum.*"
    r"|\[(?:your|insert|add|fill|describe)\b[^\]]{0,80}\](?!\()"
    r"|<(?:your|insert|fill|describe)\b[^>]{0,80}>",
    re.IGNORECASE,
)
"""Template text within a line. Plain words are none: a result has "to be confirmed by a nurse"."""
_MAY_BE_ONE: Final = re2.compile(  # pyright: ignore[reportUnknownMemberType]
    r"(?i)should be made aware|carbon emissions|\{[{%]|more information"
    r"|[\[(<](?:still |yet )?to be [a-z]"
    r"|to be (?:add|announc|complet|defin|determin|document|fill|provid|writt)"
    r"|todo|tb[acd]|fixme|t\..?b\.|lorem ipsum"
    r"|[\[<](?:your|insert|add|fill|describe)"
)
"""What each placeholder has a part of, where no letter is written as another one."""
_LIKE_LETTERS: Final = re.compile("[\u0130\u0131\u017f\u212a]")
"""Letters that are equal to a Latin one where case does not matter."""
_NOT_YET: Final = re.compile(
    r"todo|tb[acd]|wip|fixme|x{3,}|placeholder|fill (?:this |me )?in|under review"
    r"|pending(?: (?:approval|completion|confirmation|input|review))?|draft|later"
    r"|coming soon|(?:information )?to follow|(?:work )?in progress|under (?:construction|review)"
    r"|(?:still |yet )?to be (?:added|announced|completed|confirmed|decided|defined|determined"
    r"|documented|done|filled in|provided|specified|supplied|written)(?: later| soon)?"
    r"|will (?:follow|be (?:added|completed|documented|filled in|provided|written))"
    r"(?: later| soon)?|not (?:yet )?(?:available|defined|determined|documented|provided)"
    r"|not (?:yet )?(?:specified|written)"
    r"|(?:please )?(?:add|describe|enter|explain|fill in|insert|provide|put|say|type|write)\b"
    r"[^.!?]{0,80}\bhere(?: (?:how|what|which|who|why)\b[^.!?]{0,80})?"
    r"|platzhalter|(?:wird|werden) (?:noch )?(?:ergänzt|nachgereicht)|noch (?:offen|zu ergänzen)"
    r"|folgt(?: noch| später)?|ausstehend|in (?:arbeit|bearbeitung)"
    r"|à (?:compléter|définir|préciser|venir)|en cours(?: de rédaction)?"
    r"|(?:por|a) (?:completar|definir|determinar)|pendiente|da (?:completare|definire)|未定",
    re.IGNORECASE,
)
"""What stands alone where an answer should be."""
_CONTENT: Final = re.compile(r"\w")
_SHORT: Final = 2_000
_SHORTER: Final = 30
"""Characters of a text of which it is quicker to find a placeholder than to ask first."""
_WINDOW: Final = 1_000_000
_LONGEST_PART: Final = 60
"""Characters that hold any part of a placeholder that is asked for."""
_TEXTS: Final = 1024
_MOST_LINES: Final = 50_000
_MOST_LINES_IN_ALL: Final = 150_000
"""Six for each of as many rows as a document has at most; each is looked at by itself."""
_MOST_SEARCHED: Final = 3_000_000
"""Characters of passages that are searched for placeholders; most cannot hold one."""
_MOST_TEXTS: Final = 25_000
_AROUND: Final = ' \t\r*_-+.:()[]<>\u2026"'
_NOTHING: Final = frozenset(
    {
        *("n/a", "na", "n.a", "none", "unknown", "...", "-", "?", "not applicable"),
        *("k.a", "keine angabe", "keine angaben", "nicht zutreffend", "sans objet", "no aplica"),
    }
)
"""Answers that say nothing."""


class PassagesError(Exception):
    """More is said of a topic than anybody reads; the message says what there is too much of."""


@draft
class Looked:
    """What the passages of a document say, each looked at once.

    Attributes:
        contents: what each says, and whether it holds a placeholder.
        lines: how many they have together.
        searched: characters of those that had to be searched for placeholders.
    """

    contents: dict[str, tuple[str, bool]] = field(default_factory=dict)
    lines: int = 0
    searched: int = 0


def look_at(looked: Looked, passages: Iterable[str]) -> list[tuple[str, bool]]:
    """Return what passages of a document say without their placeholders, and whether they had any.

    Of a longer one as much is returned as tells that it is longer than a fact can hold. What is
    said of many packages is the same, so texts that are not long are remembered.

    Raises:
        PassagesError: one has more than 50,000 lines, all of the document have more than 150,000,
            or those that can hold a placeholder have more than 3,000,000 characters.
    """
    found: list[tuple[str, bool]] = []
    for one in passages:
        known = looked.contents.get(one)
        if known is None:
            looked.lines += one.count("\n") + 1
            if looked.lines > _MOST_LINES_IN_ALL:
                reason = f"the passages have more than {_MOST_LINES_IN_ALL} lines in all"
                raise PassagesError(reason)
            may_hold = len(one) < _SHORTER or can_hold_placeholder(one)
            looked.searched += len(one) if may_hold else 0
            if looked.searched > _MOST_SEARCHED:
                reason = f"passages of more than {_MOST_SEARCHED} characters can hold placeholders"
                raise PassagesError(reason)
            content = _content if len(one) > _SHORT else _remembered
            known = looked.contents[one] = content(one, may_hold)
        found.append(known)
    return found


def _content(text: str, may_hold: bool) -> tuple[str, bool]:  # noqa: FBT001 - a datum
    kept: list[str] = []
    held = 0
    placeholder = False
    if text.count("\n") > _MOST_LINES:
        raise PassagesError(f"a passage has more than {_MOST_LINES} lines")
    for line in _lines(text):
        rest, times = PLACEHOLDER.subn("", line) if may_hold else (line, 0)
        placeholder = placeholder or bool(times)
        labelled = LABEL.match(rest)
        said = labelled.group(2) if labelled else rest
        alone = said.strip(_AROUND)
        if _NOT_YET.fullmatch(alone):
            placeholder = True
            continue
        if held > LONGEST_PASSAGE:
            continue
        says_nothing = alone.lower() in _NOTHING
        if _CONTENT.search(said) and not (says_nothing or (times and len(said.strip()) < 3)):  # noqa: PLR2004
            kept.append(rest.rstrip())
            held += len(rest.strip())
    return "\n".join(kept).strip()[: LONGEST_PASSAGE + 1], placeholder


def _lines(text: str) -> Iterator[str]:
    """Yield the lines of a text, one at a time: all of them are as large again."""
    start = 0
    while (end := text.find("\n", start)) >= 0:
        yield text[start:end]
        start = end + 1
    yield text[start:]


_remembered: Final = lru_cache(_TEXTS)(_content)


def can_hold_placeholder(text: str) -> bool:
    """Tell whether a text can hold a placeholder, in a fraction of the time of finding it."""
    starts = range(0, len(text), _WINDOW)
    return _LIKE_LETTERS.search(text) is not None or any(
        _MAY_BE_ONE.search(text[at : at + _WINDOW + _LONGEST_PART].encode()) is not None  # pyright: ignore[reportUnknownMemberType]
        for at in starts
    )


def as_text_shows(
    text: str | None, looked: Looked, *, present: bool | None, placeholder: bool | None
) -> tuple[bool | None, bool | None]:
    """Return whether a topic is there and holds a placeholder, where its text denies what was said.

    A text without a word is left to the judgement: it says nothing, and not that nothing is there.
    """
    if text is None or not text.strip():
        return present, placeholder
    [(said, holds)] = look_at(looked, (text,))
    return (present if said or present is None else False), (True if holds else placeholder)


def documented(
    document: Literal["model", "dataset", "package"],
    topic: Topic,
    texts: Iterable[str],
    *,
    at: str,
    looked: Looked,
) -> Documentation:
    """Return the fact of one topic from all that is said about it; template text is no content.

    Raises:
        PassagesError: there are more than 25,000 texts, or too many lines.
    """
    passages = dict.fromkeys(texts)
    check_few(passages)
    return stated(document, topic, look_at(looked, passages), at=at)


def check_few(texts: Sized) -> None:
    """Refuse more passages on a topic than rows may be read out of a document.

    Raises:
        PassagesError: there are more than 25,000.
    """
    if len(texts) > _MOST_TEXTS:
        raise PassagesError(f"a topic has more than {_MOST_TEXTS} passages")


def stated(
    document: Literal["model", "dataset", "package"],
    topic: Topic,
    contents: Iterable[tuple[str, bool]],
    *,
    at: str,
    language: str | None = None,
) -> Documentation:
    """Return the fact of one topic from the contents of all that is said about it."""
    read = tuple(contents)
    text = "\n".join(said for said, _ in read if said)
    return filled(
        Documentation,
        {
            "pointer": at,
            "document": document,
            "topic": topic,
            "present": bool(text),
            "placeholder": any(placeholder for _, placeholder in read),
            "text": passage(text) if text else None,
            "language": language,
        },
    )
