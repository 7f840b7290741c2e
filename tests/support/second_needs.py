"""What a document is about, what it was asked and what it says it looked at: design 3.1.

A situation is plain data: documents, a subject and a policy are mappings, as they are written.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from support.second_expressions import Names, worked_out
from support.second_rows import (
    ASKED_BY,
    Json,
    instant_of,
    question_of,
)
from support.second_values import because, column, length_of

_STRENGTH: Final = {"self": 0, "ci": 1, "signed": 2, "verified": 3}
_READ_BY_MANY: Final = {"dataset", "docs"}
_COUNTS: Final = ("examined", "passed", "failed", "errored", "skipped")
Placed = tuple[Json, bool]
"""A document, and whether a digest binds it."""


@dataclass(slots=True)
class Need:
    """A need with its params in force, and what is found out about it."""

    written: Json
    documents: Sequence[Json]
    subject: Json
    names: Names
    gaps: set[str] = field(default_factory=set)
    counted: dict[tuple[str, str], Placed] = field(default_factory=dict)
    near: bool = False
    """Whether a document about the subject lends rows of the type, whatever they say."""
    left_out: list[tuple[Json, str]] = field(default_factory=list)

    def value(self, key: str, default: Any = None) -> Any:
        written = self.written.get(key, default)
        if isinstance(written, str) and written.startswith("params."):
            return column(self.names.values["params"], written.removeprefix("params."))
        return written

    @property
    def limit(self) -> timedelta | None:
        fresh = self.value("fresh_for")
        if fresh == "never":
            return None
        return fresh if isinstance(fresh, timedelta) else length_of(fresh)

    def is_stale(self, document: Json) -> bool:
        at = instant_of(document)
        return at is not None and self.limit is not None and self.names.as_of - at > self.limit

    def holds(self, condition: str, name: str, value: Any) -> Any:
        return worked_out(condition, self.names.binding(name, value))


def source_of(document: Json) -> tuple[Any, ...]:
    scope = document["scope"]
    places = (scope[name] for name in ("dataset", "split", "path", "job"))
    return (document["format"], document["tool"], *places)


def is_seen(document: Json, names: Names) -> bool:
    return bool(document["received_at"] <= names.as_of)


def targets_of(about: str, release: Json) -> Sequence[Json | None]:
    if about not in {"model", "dataset"}:
        return (None,)
    return [one for one in release["artifacts"] if one["kind"] == about]


# --- what a document is about


def bound_to(need: Need, release: Json, target: Json | None) -> list[Placed]:
    """Return the documents about a target that are strong enough."""
    found: list[Placed] = []
    for document in need.documents:
        if not _of_type(need, document):
            continue
        bound = _binding(need, document, release, target)
        if bound is None:
            if not _is_of_another(need, document):
                need.left_out.append((document, "wrong_subject"))
        elif document.get("retired"):
            continue  # what its source sent until then stops counting
        elif strength_of(document, by_digest=bound) < _STRENGTH[need.value("assurance", "self")]:
            need.left_out.append((document, "low_assurance"))
        else:
            found.append((document, bound))
            kinds = [one["type"] for one in document["facts"]]
            need.near = need.near or need.written["facts"] in kinds
    return found


def _is_of_another(need: Need, document: Json) -> bool:
    """What is about another model of the release, or no baseline but it, is not wrong either."""
    about, release = need.written.get("about"), need.subject["release"]
    targets = [None] if about == "baseline" else targets_of(about, release) if about else []
    return any(_binding(need, document, release, one) is not None for one in targets)


def _of_type(need: Need, document: Json) -> bool:
    kind = need.written["facts"]
    said = [one["question"] for one in document["coverage"]]
    said += [one["type"] for one in document["facts"]]
    return any(one.partition("/")[0] == kind for one in said)


def strength_of(document: Json, *, by_digest: bool) -> int:
    """An answer is as strong as the weakest word that it leans on; without a digest at most ci."""
    strength = _STRENGTH[document["assurance"]]
    if document["declared"]:
        strength = min(strength, _STRENGTH[document["declared_assurance"]])
    return strength if by_digest else min(strength, _STRENGTH["ci"])


def _binding(need: Need, document: Json, release: Json, target: Json | None) -> bool | None:
    """Return whether a document is bound by digest; None where it is about something else."""
    if document["system"] not in {None, need.subject["system"]["id"]}:
        return None
    named = {one["digest"] for one in document["artifacts"]}
    known = [one for one in release["artifacts"] if one["digest"] in named]
    if need.written.get("about") == "system":
        return True if known else (False if document["system"] else None)
    if any(_contradicts(one, release["artifacts"]) for one in document["artifacts"]):
        return None
    own = document["release"] == release["version"]
    if target is not None:
        meant = target in known or (own and _is_meant(document, target, release))
        return target in known if meant else None
    is_of = own or any(one["kind"] not in _READ_BY_MANY for one in known)
    return bool(known) if is_of else None


def _contradicts(said: Json, registered: Sequence[Json]) -> bool:
    """A digest contradicts only those of its algorithm, kind and name; what is open may be any."""
    alike = [
        one
        for one in registered
        if said["kind"] in {None, one["kind"]} and said["name"] in {None, one["name"]}
    ]
    return bool(alike) and all(one["digest"] != said["digest"] for one in alike)


def _is_meant(document: Json, target: Json, release: Json) -> bool:
    """Of several things of one kind a document must say which it is about."""
    kind = target["kind"]
    names = {one["name"] for one in document["artifacts"] if one["kind"] == kind} - {None}
    if kind == "dataset" and document["scope"]["dataset"]:
        names.add(document["scope"]["dataset"])
    alike = [one for one in release["artifacts"] if one["kind"] == kind]
    return target["name"] in names if names else len(alike) == 1


# --- questions and coverage


def questions_of(need: Need, document: Json) -> list[str]:
    """Return the questions of a need that a document speaks to."""
    said = {one["question"] for one in document["coverage"]}
    said |= {question_of(one) for one in document["facts"]}
    return sorted(one for one in said if _is_asked(need, one))


def _is_asked(need: Need, question: str) -> bool:
    kind, _slash, word = question.partition("/")
    asked, where = need.value("of"), need.written.get("where")
    if asked is not None:
        return question in asked
    if kind != need.written["facts"]:
        return False
    if where is None or not word or kind not in ASKED_BY:
        return True

    class OnlyThat(dict[str, Any]):
        def get(self, name: str, _default: Any = None) -> Any:
            return word if name == ASKED_BY[kind] else because("null")

    return need.holds(where, "row", OnlyThat()) is not False


def lent_by(document: Json, question: str) -> list[Json]:
    return [one for one in document["facts"] if question_of(one) == question]


def _coverage(document: Json, question: str) -> dict[str, Any]:
    """Return the counts of a question, of all its parts together; None is not known."""
    parts = [one for one in document["coverage"] if one["question"] == question]
    total: dict[str, Any] = {"skipped_items": [i for one in parts for i in one["skipped_items"]]}
    for name in _COUNTS:
        counts = [one[name] for one in parts]
        total[name] = None if None in counts or not counts else sum(counts)
    return total


def open_by(need: Need, document: Json, question: str) -> set[str]:
    """Return what a counted document leaves open of a question."""
    counts, found = _coverage(document, question), set[str]()
    if counts["errored"]:
        found.add("errored")
    accepted = sum(one in (need.value("may_skip") or ()) for one in counts["skipped_items"])
    skipped = max(0, (counts["skipped"] or 0) - accepted)
    examined = counts["examined"] or 0
    if skipped and examined < need.written.get("min_examined", 1) * (examined + skipped):
        found.add("skipped")
    shown = [
        one
        for one in lent_by(document, question)
        if one["type"] != "data_check" or one["status"] != "pass" or one["failed"]
    ]
    if (counts["failed"] or 0) > len(shown):
        found.add("missing")
    if document["malformed"]:
        found.add("malformed")
    return found


def is_whole(need: Need, document: Json, question: str) -> bool:
    """Tell whether coverage is known, of something, and leaves nothing open."""
    counts = _coverage(document, question)
    known = all(counts[name] is not None for name in _COUNTS if name != "passed")
    return known and counts["examined"] > 0 and not open_by(need, document, question)


def has_looked(document: Json, question: str) -> bool:
    """Tell whether a document may have looked, or lends a row."""
    rows = [one for one in document["coverage"] if one["question"] == question]
    return any(one["examined"] != 0 for one in rows) or bool(lent_by(document, question))


def has_answered(document: Json, question: str) -> bool:
    """Tell whether a document shows that it looked: a count above nought, or rows of no count."""
    examined = _coverage(document, question)["examined"]
    return bool(examined) or (examined is None and bool(lent_by(document, question)))
