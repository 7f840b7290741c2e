"""Fields that many documents share, and how each form is said in words."""

import re
from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated, Final, TypeAlias, get_args

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from assaybook.domain.ids import Digest, Instant, PolicyId, RuleId, SystemId, Version
from assaybook.domain.letters import says_something
from assaybook.language.durations import PATTERN, read_duration

_INSTANT: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})"
)
_EARLIEST: Final = 1970
_LATEST: Final = 9000
"""Years in which an instant can lie, so that no duration leads out of the calendar."""
_NAME: Final = r"^[a-z][a-z0-9_]{0,63}$"
_PERSON: Final = r"^[A-Za-z0-9][A-Za-z0-9._@+-]{0,127}$"
_CATALOG: Final = r"^[a-z0-9]+([.-][a-z0-9]+)*$"
_QUESTION: Final = r"^[a-z_]+(/[A-Za-z0-9_.:-]+)?$"
_WAIVER: Final = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
_RULE_OF_POLICY: Final = r"^[a-z0-9.-]+/[a-z0-9-]+$"
_PARAM: Final = r"^params\.[a-z][a-z0-9_]{0,63}$"
CASE_PLACE: Final = r"^[a-z_]+(\.([A-Za-z_][A-Za-z0-9_]*|[0-9]{1,4}))+$"
_FILE: Final = r"^[\w. +@=-]+(/[\w. +@=-]+)*$"


def _form(annotation: object) -> str:
    """Return the pattern of an annotated text."""
    marks = (mark for part in get_args(annotation)[1:] for mark in part.metadata)
    return next(str(mark.pattern) for mark in marks if getattr(mark, "pattern", None))


FORMS: Final = {
    _form(PolicyId): "lower-case words with dots and hyphens, such as fairness.slice-floor",
    _form(RuleId): "lower-case words joined by hyphens, such as slices-complete",
    _form(SystemId): "letters, digits, dots, hyphens and underscores",
    _form(Version): "letters, digits, dots, hyphens, plus signs and underscores",
    _form(Digest): "an algorithm, a colon and a value, such as sha256:0f3a...",
    _NAME: "a lower-case name of letters, digits and underscores, such as min_n",
    _PERSON: "the id of a person: letters, digits and . _ @ + -",
    _CATALOG: "the id of a catalog, such as nist-ai-rmf-1.0",
    _QUESTION: "a question, such as security/secret or drift",
    _WAIVER: "letters, digits, dots, hyphens and underscores, such as W-2026-07",
    _RULE_OF_POLICY: "a policy, a slash and a rule, such as fairness.slice-floor/gap",
    CASE_PLACE: "keys joined by dots, such as params.floor or evidence.0.facts.0.value",
    _FILE: "a path inside the folder, with forward slashes, such as samples/card.json",
}
"""Pattern to the words for what it asks."""


def word_or_other(written: object) -> str:
    """Return which of the two ways to write a thing was taken: one word, or more."""
    return WORD_STEP if isinstance(written, str) else OTHER_STEP


def _as_instant(value: object) -> datetime:
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        with suppress(ValueError, OverflowError):  # a thirteenth month, or before the year 1
            instant = datetime.fromisoformat(value).astimezone(UTC)
            if _EARLIEST <= instant.year <= _LATEST:
                return instant
    raise PydanticCustomError(
        "bad_instant",
        "must be an instant with its time zone, such as 2026-11-20T00:00:00Z",
    )


def _as_duration(text: str) -> str:
    if read_duration(text) is None and not re.fullmatch(_PARAM, text):
        raise PydanticCustomError(
            "bad_duration",
            "must be a duration, such as 90d, 12h or 2w, or a param, such as params.max_age",
        )
    return text


def _as_plain_duration(text: str) -> str:
    if read_duration(text) is None:
        raise PydanticCustomError("bad_duration", "must be a duration, such as 90d, 12h or 2w")
    return text


def _as_freshness(text: str) -> str:
    if text == "never":
        return text
    try:
        return _as_duration(text)
    except PydanticCustomError as error:
        raise PydanticCustomError(
            "bad_duration", "must be never, a duration such as 90d, or a param"
        ) from error


def _as_assurance(text: str) -> str:
    if text not in {"self", "ci", "signed", "verified"} and not re.fullmatch(_PARAM, text):
        raise PydanticCustomError(
            "not_a_choice", "must be self, ci, signed or verified, or a param"
        )
    return text


def _is_contained(text: str) -> str:
    if any(part.strip(". ") == "" for part in text.split("/")):
        raise PydanticCustomError("bad_path", "must stay inside the folder of the file")
    return text


def _as_prose(text: str) -> str:
    if not says_something(text):
        raise PydanticCustomError("string_too_short", "must say something, and not only blanks")
    return text


WORD_STEP: Final = "[word]"
OTHER_STEP: Final = "[other]"
"""How the two ways to write one thing are told apart; no step of a path in a file."""
Line: TypeAlias = Annotated[str, Field(min_length=1, max_length=300)]
Prose: TypeAlias = Annotated[str, Field(min_length=1, max_length=4_000), AfterValidator(_as_prose)]
"""What a person reads: blanks give no reason."""
Code: TypeAlias = Annotated[str, Field(min_length=1, max_length=8_000)]
"""An expression."""
Name: TypeAlias = Annotated[str, Field(pattern=_NAME)]
WaiverId: TypeAlias = Annotated[str, Field(pattern=_WAIVER)]
RuleOfPolicy: TypeAlias = Annotated[str, Field(pattern=_RULE_OF_POLICY)]
Person: TypeAlias = Annotated[str, Field(pattern=_PERSON)]
CatalogName: TypeAlias = Annotated[str, Field(pattern=_CATALOG)]
QuestionName: TypeAlias = Annotated[str, Field(pattern=_QUESTION)]
DurationText: TypeAlias = Annotated[
    str,
    AfterValidator(_as_duration),
    WithJsonSchema({"type": "string", "anyOf": [{"pattern": PATTERN}, {"pattern": _PARAM}]}),
]
"""A duration or a param."""
PlainDuration: TypeAlias = Annotated[
    str, AfterValidator(_as_plain_duration), WithJsonSchema({"type": "string", "pattern": PATTERN})
]
FreshnessText: TypeAlias = Annotated[
    str,
    AfterValidator(_as_freshness),
    WithJsonSchema(
        {
            "type": "string",
            "anyOf": [{"const": "never"}, {"pattern": PATTERN}, {"pattern": _PARAM}],
        }
    ),
]
AssuranceText: TypeAlias = Annotated[
    str,
    AfterValidator(_as_assurance),
    WithJsonSchema(
        {
            "type": "string",
            "anyOf": [{"enum": ["self", "ci", "signed", "verified"]}, {"pattern": _PARAM}],
        }
    ),
]
InstantText: TypeAlias = Annotated[
    Instant,
    BeforeValidator(_as_instant),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
ContainedPath: TypeAlias = Annotated[str, Field(pattern=_FILE), AfterValidator(_is_contained)]

FORMS[_PARAM] = "a param, such as params.accepted"
