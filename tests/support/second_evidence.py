"""Which evidence counts for a need: the second judge's reading of design 3.1 and of the guides.

A situation is plain data: documents, a subject and a policy are mappings, as they are written.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from support.second_expressions import Names, worked_out
from support.second_rows import (
    ASKED_BY,
    Json,
    broken,
    columns_of,
    instant_of,
    merged,
    question_of,
    reading_of,
)
from support.second_values import Rows, Unsure, because, both, column, length_of, unsure

_STRENGTH: Final = {"self": 0, "ci": 1, "signed": 2, "verified": 3}
_READ_BY_MANY: Final = {"dataset", "docs"}
_COUNTS: Final = ("examined", "passed", "failed", "errored", "skipped")
Placed = tuple[Json, bool]
"""A document, and whether a digest binds it."""


@dataclass(slots=True)
class _Need:
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


def bind(written: Json, documents: Sequence[Json], subject: Json, names: Names) -> Rows:
    """Return the rows that a rule sees under the name of a need."""
    need = _Need(written, [one for one in documents if _is_seen(one, names)], subject, names)
    unset = [need.value(key) for key in ("fresh_for", "of", "may_skip", "assurance", "within")]
    if any(isinstance(one, Unsure) for one in unset):
        return Rows((), unsure(*unset).why)
    release = subject.get("baseline") if written.get("about") == "baseline" else subject["release"]
    if release is None:
        return Rows((), frozenset({"missing"}))
    targets = _targets(written.get("about", "release"), release)
    if not targets:
        need.gaps.add("missing")
    for target in targets:
        bound = _bound(need, release, target)
        if "last" in written:
            need.gaps |= {"conflict"} if len(targets) > 1 else set()
            return _series(need, bound)
        _ask(need, bound, _choose(need, bound), many=len(targets) > 1)
    _ask_models(need, release)
    return _closed(need)


def _is_seen(document: Json, names: Names) -> bool:
    return bool(document["received_at"] <= names.as_of)


def _targets(about: str, release: Json) -> Sequence[Json | None]:
    if about not in {"model", "dataset"}:
        return (None,)
    return [one for one in release["artifacts"] if one["kind"] == about]


# --- what a document is about


def _bound(need: _Need, release: Json, target: Json | None) -> list[Placed]:
    """Return the documents about a target that are strong enough."""
    found: list[Placed] = []
    for document in need.documents:
        if not _of_type(need, document):
            continue
        bound = _binding(need, document, release, target)
        if bound is None:
            if not _is_of_another(need, document):
                need.left_out.append((document, "wrong_subject"))
        elif _strength(document, by_digest=bound) < _STRENGTH[need.value("assurance", "self")]:
            need.left_out.append((document, "low_assurance"))
        else:
            found.append((document, bound))
            kinds = [one["type"] for one in document["facts"]]
            need.near = need.near or need.written["facts"] in kinds
    return found


def _is_of_another(need: _Need, document: Json) -> bool:
    """What is about another model of the release, or no baseline but it, is not wrong either."""
    about, release = need.written.get("about"), need.subject["release"]
    targets = [None] if about == "baseline" else _targets(about, release) if about else []
    return any(_binding(need, document, release, one) is not None for one in targets)


def _of_type(need: _Need, document: Json) -> bool:
    kind = need.written["facts"]
    said = [one["question"] for one in document["coverage"]]
    said += [one["type"] for one in document["facts"]]
    return any(one.partition("/")[0] == kind for one in said)


def _strength(document: Json, *, by_digest: bool) -> int:
    """An answer is as strong as the weakest word that it leans on; without a digest at most ci."""
    strength = _STRENGTH[document["assurance"]]
    if document["declared"]:
        strength = min(strength, _STRENGTH[document["declared_assurance"]])
    return strength if by_digest else min(strength, _STRENGTH["ci"])


def _binding(need: _Need, document: Json, release: Json, target: Json | None) -> bool | None:
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


def _questions(need: _Need, document: Json) -> list[str]:
    """Return the questions of a need that a document speaks to."""
    said = {one["question"] for one in document["coverage"]}
    said |= {question_of(one) for one in document["facts"]}
    return sorted(one for one in said if _is_asked(need, one))


def _is_asked(need: _Need, question: str) -> bool:
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


def _lent(document: Json, question: str) -> list[Json]:
    return [one for one in document["facts"] if question_of(one) == question]


def _coverage(document: Json, question: str) -> dict[str, Any]:
    """Return the counts of a question, of all its parts together; None is not known."""
    parts = [one for one in document["coverage"] if one["question"] == question]
    total: dict[str, Any] = {"skipped_items": [i for one in parts for i in one["skipped_items"]]}
    for name in _COUNTS:
        counts = [one[name] for one in parts]
        total[name] = None if None in counts or not counts else sum(counts)
    return total


def _open_by(need: _Need, document: Json, question: str) -> set[str]:
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
        for one in _lent(document, question)
        if one["type"] != "data_check" or one["status"] != "pass" or one["failed"]
    ]
    if (counts["failed"] or 0) > len(shown):
        found.add("missing")
    if document["malformed"]:
        found.add("malformed")
    return found


def _is_whole(need: _Need, document: Json, question: str) -> bool:
    """Tell whether coverage is known, of something, and leaves nothing open."""
    counts = _coverage(document, question)
    known = all(counts[name] is not None for name in _COUNTS if name != "passed")
    return known and counts["examined"] > 0 and not _open_by(need, document, question)


def _looked(document: Json, question: str) -> bool:
    """Tell whether a document may have looked, or lends a row."""
    rows = [one for one in document["coverage"] if one["question"] == question]
    return any(one["examined"] != 0 for one in rows) or bool(_lent(document, question))


def _answered(document: Json, question: str) -> bool:
    """Tell whether a document shows that it looked: a count above nought, or rows of no count."""
    examined = _coverage(document, question)["examined"]
    return bool(examined) or (examined is None and bool(_lent(document, question)))


# --- the newest of each source, whole


def _source(document: Json) -> tuple[Any, ...]:
    scope = document["scope"]
    places = (scope[name] for name in ("dataset", "split", "path", "job"))
    return (document["format"], document["tool"], *places)


def _choose(need: _Need, bound: Sequence[Placed]) -> set[tuple[str, str]]:
    """Count of each source and question the newest documents that answer whole."""
    answers: set[tuple[str, str]] = set()
    for placed in bound:
        document = placed[0]
        for question in _questions(need, document):
            peers = [
                one
                for one in bound
                if _source(one[0]) == _source(document) and question in _questions(need, one[0])
            ]
            groups = sorted(_groups(peers), key=_newest)
            newer = [group for group in groups if _is_newer(group, groups, document)]
            if any(_replaces(need, group, placed, question) for group in newer):
                continue
            why = "undated" if instant_of(document) is None and need.limit is not None else ""
            why = "stale" if need.is_stale(document) else why
            if why:
                need.left_out.append((document, why))
                need.gaps |= {why} if _looked(document, question) else set()
                continue
            answers.add((document["id"], question))
            need.counted[document["id"], question] = placed
            need.gaps |= _open_by(need, document, question)
            if _leaves_older(need, groups, document, question):
                need.gaps.add("not_examined")
    return answers


def _groups(placed: Sequence[Placed]) -> list[list[Placed]]:
    """Documents of one submission or instant stand together, and whoever stands with either."""
    groups: list[list[Placed]] = []
    for one in placed:
        if instant_of(one[0]) is None:
            continue
        mine = [group for group in groups if any(_together(one[0], each[0]) for each in group)]
        rest = [group for group in groups if all(group is not other for other in mine)]
        groups = [*rest, [one, *(each for group in mine for each in group)]]
    return groups


def _together(one: Json, other: Json) -> bool:
    same = bool(one["submission"]) and one["submission"] == other["submission"]
    return same or instant_of(one) == instant_of(other)


def _newest(group: Iterable[Placed]) -> datetime:
    return max(at for one, _bound in group if (at := instant_of(one)) is not None)


def _holds(group: Sequence[Placed], document: Json) -> bool:
    return any(one is document for one, _bound in group)


def _is_newer(group: list[Placed], groups: Sequence[list[Placed]], document: Json) -> bool:
    """Tell whether a group is newer than a document, or than those that it stands with."""
    own = next((one for one in groups if _holds(one, document)), None)
    since = document["received_at"] if own is None else _newest(own)
    return _newest(group) > since


def _replaces(need: _Need, group: Sequence[Placed], placed: Placed, question: str) -> bool:
    """Tell whether a newer group answers whole, and as well as what it replaces or that is old."""
    if not all(_is_whole(need, one, question) for one, _bound in group):
        return False
    weakest = min(_strength(one, by_digest=bound) for one, bound in group)
    strength = _strength(placed[0], by_digest=placed[1])
    return weakest >= strength or need.is_stale(placed[0])


def _leaves_older(
    need: _Need, groups: Sequence[list[Placed]], document: Json, question: str
) -> bool:
    """Tell whether older documents stay beside this one, since it does not answer whole."""
    known = instant_of(document) is not None
    return (
        known
        and not _is_whole(need, document, question)
        and any(
            not _is_newer(group, groups, document) and not _holds(group, document)
            for group in groups
        )
    )


# --- what keeps a list open


def _ask(
    need: _Need, bound: Sequence[Placed], answers: set[tuple[str, str]], *, many: bool
) -> None:
    """Note which questions of a need nobody has answered about one target, or not to the end."""
    asked = need.value("of")
    documents = {one["id"]: one for one, _bound in bound}
    if asked is None:
        if many and not answers and not need.gaps:
            need.gaps.add("not_examined" if bound else "missing")
        return
    for question in asked:
        found = [documents[name] for name, one in sorted(answers) if one == question]
        if not found:
            silent = not any(_looked(one, question) for one in documents.values())
            others = _dismissed(need, question) or {"not_examined" if bound else "missing"}
            need.gaps |= others if silent else set()
        elif not need.written.get("may_be_empty"):
            need.gaps |= (
                set() if any(_answered(one, question) for one in found) else {"not_examined"}
            )
        elif not all(_is_whole(need, one, question) for one in found) or not _covered(need, found):
            need.gaps.add("not_examined")


def _dismissed(need: _Need, question: str) -> set[str]:
    """Return why documents that speak to a question could not count for it."""
    codes = {"wrong_subject", "low_assurance"}
    return {
        code
        for document, code in need.left_out
        if code in codes and question in _questions(need, document)
    }


def _covered(need: _Need, documents: Sequence[Json]) -> bool:
    """Tell whether some document looked everywhere that the need wants covered."""
    covers = need.written.get("covers")
    return covers is None or any(
        need.holds(covers, "scope", one["scope"]) is True for one in documents
    )


def _ask_models(need: _Need, release: Json) -> None:
    """Of several models one that no document names is unknown, where each names some of them."""
    models = {one["digest"] for one in release["artifacts"] if one["kind"] == "model"}
    if need.written.get("about", "release") != "release" or len(models) < 2 or not need.counted:
        return
    named = [
        {one["digest"] for one in document["artifacts"]} & models
        for document, _bound in need.counted.values()
    ]
    if all(named) and set().union(*named) != models:
        need.gaps.add("missing")


def _closed(need: _Need) -> Rows:
    """Return the rows, with what keeps the list open; a need without a sure match is open too."""
    kind, where = need.written["facts"], need.written.get("where")
    readings = [
        (placed, reading_of(placed[0], fact))
        for (_name, question), placed in need.counted.items()
        for fact in _lent(placed[0], question)
    ]
    rows = merged(
        kind, [one for placed, one in readings if not _is_outdone(kind, placed, one, readings)]
    )
    members = _matching(need, where, rows)
    empty_is_proof = need.written.get("may_be_empty", False)
    if not empty_is_proof and not any(sure is True for _row, sure in members):
        maybe = unsure(*(sure for _row, sure in members)).why
        others = maybe or (set() if need.counted else {code for _one, code in need.left_out})
        none = "no_match" if need.counted or (need.near and "of" not in need.written) else "missing"
        need.gaps |= others or {none}
    proven = empty_is_proof and not members and not need.gaps
    return Rows(tuple(members), frozenset(need.gaps), proven=proven)


def _matching(
    need: _Need, where: str | None, rows: Sequence[tuple[Json, bool | Unsure]]
) -> list[tuple[Json, bool | Unsure]]:
    held = [
        (row, both(sure, need.holds(where, "row", row)) if where else sure) for row, sure in rows
    ]
    return [(row, sure) for row, sure in held if sure is not False]


def _is_outdone(
    kind: str, placed: Placed, reading: Json, others: Iterable[tuple[Placed, Json]]
) -> bool:
    """Tell whether a newer document of the source gives the same row, as full and as well."""
    older, at = placed[0], instant_of(placed[0])
    for newer, other in others:
        since = instant_of(newer[0])
        same = all(other.get(name) == reading.get(name) for name in columns_of(kind))
        if (
            same
            and at is not None
            and since is not None
            and since > at
            and _source(newer[0]) == _source(older)
            and not (older["submission"] and older["submission"] == newer[0]["submission"])
            and _strength(newer[0], by_digest=newer[1]) >= _strength(older, by_digest=placed[1])
            and not broken(other)
            and all(
                other.get(name) is not None for name, value in reading.items() if value is not None
            )
        ):
            return True
    return False


# --- the last so many


def _series(need: _Need, bound: Sequence[Placed]) -> Rows:
    """Return the rows of the newest documents of one source, oldest first."""
    kind, where = need.written["facts"], need.written.get("where")
    useful = []
    for document, _bound in bound:
        facts = [one for one in document["facts"] if one["type"] == kind]
        rows = _matching(need, where, merged(kind, [reading_of(document, one) for one in facts]))
        if any(sure is True for _row, sure in rows):
            useful.append((document, rows))
    torn = len({_source(document) for document, _rows in useful}) > 1
    need.gaps |= {"conflict"} if torn else set()
    need.gaps |= {"undated"} if any(instant_of(one) is None for one, _rows in useful) else set()
    dated = [one for one in useful if instant_of(one[0]) is not None]
    first: dict[str, Any] = {}
    for one in sorted(dated, key=lambda each: (instant_of(each[0]), each[0]["id"])):
        first.setdefault(one[0]["blob"], one)
    newest = list(first.values())[-need.written["last"] :]
    _ask_series(need, [document for document, _rows in newest])
    doubt = because("conflict") if torn else True
    members = tuple((row, both(sure, doubt)) for _one, rows in newest for row, sure in rows)
    return Rows(members, frozenset(need.gaps))


def _ask_series(need: _Need, newest: Sequence[Json]) -> None:
    if len(newest) < need.written["last"]:
        need.gaps.add("too_few")
    if newest and need.is_stale(newest[-1]):
        need.gaps.add("stale")
    within = need.value("within")
    if newest and within is not None:
        longest = within if isinstance(within, timedelta) else length_of(within)
        oldest = instant_of(newest[0])
        assert oldest is not None
        need.gaps |= {"stale"} if need.names.as_of - oldest > longest else set()
    for document in newest:
        for question in _questions(need, document):
            need.gaps |= _open_by(need, document, question)
