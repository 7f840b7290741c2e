"""Which evidence counts for a need: the second judge's reading of design 3.1 and of the guides.

A situation is plain data: documents, a subject and a policy are mappings, as they are written.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from support.second_expressions import Names
from support.second_needs import (
    Need,
    Placed,
    bound_to,
    has_answered,
    has_looked,
    is_seen,
    is_whole,
    lent_by,
    open_by,
    questions_of,
    source_of,
    strength_of,
    targets_of,
)
from support.second_rows import (
    Json,
    broken,
    columns_of,
    instant_of,
    merged,
    reading_of,
)
from support.second_values import Rows, Unsure, because, both, length_of, unsure


def bind(written: Json, documents: Sequence[Json], subject: Json, names: Names) -> Rows:
    """Return the rows that a rule sees under the name of a need."""
    need = Need(written, [one for one in documents if is_seen(one, names)], subject, names)
    unset = [need.value(key) for key in ("fresh_for", "of", "may_skip", "assurance", "within")]
    if any(isinstance(one, Unsure) for one in unset):
        return Rows((), unsure(*unset).why)
    release = subject.get("baseline") if written.get("about") == "baseline" else subject["release"]
    if release is None:
        return Rows((), frozenset({"missing"}))
    targets = targets_of(written.get("about", "release"), release)
    if not targets:
        need.gaps.add("missing")
    for target in targets:
        bound = bound_to(need, release, target)
        if "last" in written:
            need.gaps |= {"conflict"} if len(targets) > 1 else set()
            return _series(need, bound)
        _ask(need, bound, _choose(need, bound), many=len(targets) > 1)
    _ask_models(need, release)
    return _closed(need)


# --- the newest of each source, whole


def _choose(need: Need, bound: Sequence[Placed]) -> set[tuple[str, str]]:
    """Count of each source and question the newest documents that answer whole."""
    answers: set[tuple[str, str]] = set()
    for placed in bound:
        document = placed[0]
        for question in questions_of(need, document):
            peers = [
                one
                for one in bound
                if source_of(one[0]) == source_of(document)
                and question in questions_of(need, one[0])
            ]
            groups = sorted(_groups(peers), key=_newest)
            newer = [group for group in groups if _is_newer(group, groups, document)]
            if any(_replaces(need, group, placed, question) for group in newer):
                continue
            why = "undated" if instant_of(document) is None and need.limit is not None else ""
            why = "stale" if need.is_stale(document) else why
            if why:
                need.left_out.append((document, why))
                need.gaps |= {why} if has_looked(document, question) else set()
                continue
            answers.add((document["id"], question))
            need.counted[document["id"], question] = placed
            need.gaps |= open_by(need, document, question)
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


def _replaces(need: Need, group: Sequence[Placed], placed: Placed, question: str) -> bool:
    """Tell whether a newer group answers whole, and as well as what it replaces or that is old."""
    if not all(is_whole(need, one, question) for one, _bound in group):
        return False
    weakest = min(strength_of(one, by_digest=bound) for one, bound in group)
    strength = strength_of(placed[0], by_digest=placed[1])
    return weakest >= strength or need.is_stale(placed[0])


def _leaves_older(
    need: Need, groups: Sequence[list[Placed]], document: Json, question: str
) -> bool:
    """Tell whether older documents stay beside this one, since it does not answer whole."""
    known = instant_of(document) is not None
    return (
        known
        and not is_whole(need, document, question)
        and any(
            not _is_newer(group, groups, document) and not _holds(group, document)
            for group in groups
        )
    )


# --- what keeps a list open


def _ask(need: Need, bound: Sequence[Placed], answers: set[tuple[str, str]], *, many: bool) -> None:
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
            silent = not any(has_looked(one, question) for one in documents.values())
            others = _dismissed(need, question) or {"not_examined" if bound else "missing"}
            need.gaps |= others if silent else set()
        elif not need.written.get("may_be_empty"):
            need.gaps |= (
                set() if any(has_answered(one, question) for one in found) else {"not_examined"}
            )
        elif not all(is_whole(need, one, question) for one in found) or not _covered(need, found):
            need.gaps.add("not_examined")


def _dismissed(need: Need, question: str) -> set[str]:
    """Return why documents that speak to a question could not count for it."""
    codes = {"wrong_subject", "low_assurance"}
    return {
        code
        for document, code in need.left_out
        if code in codes and question in questions_of(need, document)
    }


def _covered(need: Need, documents: Sequence[Json]) -> bool:
    """Tell whether some document looked everywhere that the need wants covered."""
    covers = need.written.get("covers")
    return covers is None or any(
        need.holds(covers, "scope", one["scope"]) is True for one in documents
    )


def _ask_models(need: Need, release: Json) -> None:
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


def _closed(need: Need) -> Rows:
    """Return the rows, with what keeps the list open; a need without a sure match is open too."""
    kind, where = need.written["facts"], need.written.get("where")
    readings = [
        (placed, reading_of(placed[0], fact))
        for (_name, question), placed in need.counted.items()
        for fact in lent_by(placed[0], question)
    ]
    rows = merged(
        kind, [one for placed, one in readings if not _is_outdone(kind, placed, one, readings)]
    )
    members = _matching(need, where, rows)
    empty_is_proof = need.written.get("may_be_empty", False)
    if not empty_is_proof and not any(sure is True for _row, sure in members):
        maybe = unsure(*(sure for _row, sure in members)).why
        others = maybe or (set[str]() if need.counted else {code for _one, code in need.left_out})
        none = "no_match" if need.counted or (need.near and "of" not in need.written) else "missing"
        need.gaps |= others or {none}
    proven = empty_is_proof and not members and not need.gaps
    return Rows(tuple(members), frozenset(need.gaps), proven=proven)


def _matching(
    need: Need, where: str | None, rows: Sequence[tuple[Json, bool | Unsure]]
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
            and source_of(newer[0]) == source_of(older)
            and not (older["submission"] and older["submission"] == newer[0]["submission"])
            and strength_of(newer[0], by_digest=newer[1]) >= strength_of(older, by_digest=placed[1])
            and not broken(other)
            and all(
                other.get(name) is not None for name, value in reading.items() if value is not None
            )
        ):
            return True
    return False


# --- the last so many


def _series(need: Need, bound: Sequence[Placed]) -> Rows:
    """Return the rows of the newest documents of one source, oldest first."""
    kind, where = need.written["facts"], need.written.get("where")
    useful: list[tuple[Json, list[tuple[Json, bool | Unsure]]]] = []
    for document, _bound in bound:
        facts = [one for one in document["facts"] if one["type"] == kind]
        rows = _matching(need, where, merged(kind, [reading_of(document, one) for one in facts]))
        if any(sure is True for _row, sure in rows):
            useful.append((document, rows))
    torn = len({source_of(document) for document, _rows in useful}) > 1
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


def _ask_series(need: Need, newest: Sequence[Json]) -> None:
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
        for question in questions_of(need, document):
            need.gaps |= open_by(need, document, question)
