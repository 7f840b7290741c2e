"""The eighteen sections behind the cover: their numbers, titles, and which profile prints which.

A section keeps its number in every profile, so that two packs can be read side by side.
"""

from typing import Final, Literal, TypeAlias

from assaybook.domain.base import Frozen

Profile: TypeAlias = Literal["full", "executive", "control", "changes"]
_TITLES: Final = {
    "reading": "How to read and verify this pack",
    "conclusion": "Conclusion and management statement",
    "scope": "Scope, criteria and boundaries",
    "system": "System description",
    "method": "Method",
    "frameworks": "Results by framework",
    "controls": "Control by control",
    "applicability": "Statement of applicability",
    "findings": "Findings and remediation",
    "waivers": "Exceptions",
    "risks": "Risks",
    "sampling": "Sampling and population",
    "change": "Change since the last audit",
    "annex": "Annex IV index",
    "attestations": "Attestations",
    "evidence": "Evidence index",
    "limits": "Limits and uncovered areas",
    "reproduce": "Glossary and how to reproduce",
}
_NUMBERS: Final = {name: number for number, name in enumerate(_TITLES, 1)}
_PRINTED: Final[dict[Profile, tuple[str, ...]]] = {
    "full": tuple(_TITLES),
    "executive": (
        *("reading", "conclusion", "frameworks", "findings", "waivers", "risks", "change"),
        *("attestations", "limits"),
    ),
    "control": (
        *("reading", "conclusion", "controls", "findings", "waivers", "attestations"),
        *("evidence", "reproduce"),
    ),
    "changes": ("reading", "conclusion", "change", "findings"),
}


class Section(Frozen):
    """One section: the name of its template, its number and its title."""

    name: str
    number: int
    title: str


def sections_of(profile: Profile) -> tuple[Section, ...]:
    """Return the sections that a profile prints, in their order."""
    return tuple(
        Section(name=name, number=_NUMBERS[name], title=_TITLES[name]) for name in _PRINTED[profile]
    )


def number_of(name: str) -> int:
    """Return the number of a section."""
    return _NUMBERS[name]


def at(name: str) -> str:
    """Return ``section 9`` for the name of a section."""
    return f"section {_NUMBERS[name]}"
