"""Random situations for the two judges: plain data, at the edges of every limit."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final, NamedTuple

from support.second_facts import DAY, NOW, OLD, OPEN, QUESTIONS, SECOND, C, D, E, M, N, a_fact
from support.second_rows import KEYS, SCOPE, question_of


class Situation(NamedTuple):
    """A subject, the documents that were submitted, and an instant."""

    subject: dict[str, Any]
    documents: list[dict[str, Any]]
    as_of: datetime


_ALIEN: Final = (
    {"name": None, "kind": "model", "digest": f"sha256:{'9' * 64}"},
    {"name": "m", "kind": "model", "digest": f"sha256:{'9' * 64}"},
    {"name": None, "kind": None, "digest": M["digest"]},
)


def a_situation(dice: Random, kind: str) -> Situation:
    """Return a situation whose documents lend one kind of fact."""
    open_key = dice.choice(["path", *OPEN.get(kind, ())]) if dice.random() < 0.3 else ""
    plain = dice.random() < 0.5
    documents = [
        _document(dice, kind, at, open_key=open_key, plain=plain)
        for at in range(dice.choice([0, 1, 1, 2, 2, 3, 4]))
    ]
    if documents and dice.random() < 0.15:
        again: dict[str, Any] = {
            **deepcopy(documents[0]),
            "id": "ev-9",
            "blob": f"sha256:{'0' * 64}",
        }
        again["produced_at"] = again["received_at"] - dice.choice([DAY, 2 * DAY])
        documents.append({**again, "tool": dice.choice(["a", "b"])})
    if dice.random() < 0.7:
        documents = [{**one, "format": "f"} for one in documents]
    as_of = NOW + dice.choice([*[timedelta()] * 8, SECOND, -SECOND, 30 * DAY, DAY])
    if dice.random() < 0.3:
        return _sound(Situation(_subject(dice), documents, NOW), kind)
    return Situation(_subject(dice), documents, as_of)


def _sound(drawn: Situation, kind: str) -> Situation:
    """Return a situation of which all is known but what the rows say: most rules are decided."""
    subject = deepcopy(drawn.subject)
    subject["system"] |= {"risk_tier": "high", "generative": False}
    subject["release"] |= {"stage": "production", "artifacts": [M, D]}
    known = {
        "system": "s",
        "release": "1",
        "artifacts": [M, D],
        "assurance": "signed",
        "malformed": False,
        "declared": [],
        "submission": "one",
        "received_at": NOW,
        "produced_at": NOW - DAY,
    }
    return Situation(
        subject,
        [{**one, **known, "coverage": _whole(kind, one["facts"])} for one in drawn.documents],
        drawn.as_of,
    )


def afterwards(dice: Random, before: Situation, kind: str) -> Situation:
    """Return a situation somewhat later: rows say otherwise, are gone, or came."""
    documents = deepcopy(before.documents)
    for document in documents:
        facts = [
            _otherwise(dice, one) if dice.random() < 0.4 else one
            for one in document["facts"]
            if dice.random() < 0.9
        ]
        document["facts"] = [
            *facts,
            *(a_fact(dice, kind, "") for _ in range(dice.choice([0, 0, 1]))),
        ]
    return Situation(before.subject, documents, before.as_of)


def _otherwise(dice: Random, fact: Mapping[str, Any]) -> dict[str, Any]:
    fresh = a_fact(dice, fact["type"], "")
    return {**fresh, **{name: fact[name] for name in (*KEYS[fact["type"]], *SCOPE) if name in fact}}


def _whole(kind: str, facts: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    asked = {*QUESTIONS[kind], *(question_of(one) for one in facts)}
    counts = {"examined": 100, "passed": None, "failed": 0, "errored": 0, "skipped": 0}
    return [{"question": one, "skipped_items": [], **counts} for one in sorted(asked)]


def _subject(dice: Random) -> dict[str, Any]:
    chances = ((M, 0.85), (N, 0.15), (D, 0.85), (E, 0.25), (C, 0.2))
    artifacts = [one for one, chance in chances if dice.random() < chance]
    subject: dict[str, Any] = {
        "system": {
            "id": "s",
            "risk_tier": dice.choice(["high", "high", "limited", "minimal", None]),
            "generative": dice.choice([True, False, None]),
        },
        "release": {
            "version": "1",
            "stage": dice.choice(["production", "retired", None]),
            "artifacts": artifacts,
        },
    }
    if dice.random() < 0.6:
        subject["release"]["baseline"] = "0"
        old = [OLD, D] if dice.random() < 0.5 else [OLD]
        subject["baseline"] = {"version": "0", "artifacts": old}
    return subject


_AGES: Final = (
    *(timedelta(), SECOND, DAY, 2 * DAY, 10 * DAY, 60 * DAY, 89 * DAY, 100 * DAY, 400 * DAY),
    *(limit + edge for limit in (30 * DAY, 90 * DAY) for edge in (-SECOND, timedelta(), SECOND)),
)


def _document(dice: Random, kind: str, at: int, *, open_key: str, plain: bool) -> dict[str, Any]:
    facts = [a_fact(dice, kind, open_key) for _ in range(dice.choice([0, 1, 1, 2, 3]))]
    received = NOW - dice.choice([timedelta(), timedelta(), DAY, 5 * DAY, 30 * DAY, 91 * DAY])
    made = min(NOW - dice.choice(_AGES), received) if dice.random() < 0.9 else None
    declared = dice.sample(["produced_at", "scope", "coverage"], dice.random() < 0.1)
    hidden = open_key == "path" and dice.random() < 0.5
    document: dict[str, Any] = {
        "id": f"ev-{at}",
        "blob": f"sha256:{'abcde'[at] * 64}",
        "format": dice.choice("fffg"),
        "tool": dice.choice("aab"),
        "system": dice.choice([*["s"] * 14, "t", None]),
        "release": dice.choice([*["1"] * 10, "0", "2", None]),
        "artifacts": _named(dice),
        "scope": {
            "dataset": dice.choice("dddez"),
            "split": dice.choice(["holdout", "holdout", "train"]),
            "path": None if hidden else "p",
            "job": dice.choice([*[None] * 12, "j"]),
        },
        "assurance": dice.choice(["self", "ci", "ci", "signed", "verified"]),
        "declared": declared,
        "declared_assurance": dice.choice(["self", "ci"]),
        "submission": dice.choice(["", "", "one"]),
        "malformed": dice.random() < 0.04,
        "received_at": NOW + SECOND if dice.random() < 0.02 else received,
        "produced_at": made,
        "observed_at": received - DAY if made is None and dice.random() < 0.3 else None,
        "facts": facts,
        "coverage": _all_coverage(dice, kind, facts),
    }
    sound = {"system": "s", "release": "1", "malformed": False, "assurance": "ci"}
    return {**document, **sound, "declared": [], "artifacts": []} if plain else document


def _named(dice: Random) -> list[dict[str, Any]]:
    if dice.random() < 0.75:
        return []
    return [dice.choice([M, D, E, N, C, OLD, *_ALIEN]) for _ in range(dice.choice([1, 1, 2]))]


def _all_coverage(dice: Random, kind: str, facts: Sequence[Mapping[str, Any]]) -> list[Any]:
    if dice.random() < 0.05:
        return []
    asked = {one for one in QUESTIONS[kind] if dice.random() < 0.85}
    asked |= {question_of(one) for one in facts} if dice.random() < 0.9 else set()
    return [
        _coverage(dice, one, sum(question_of(each) == one for each in facts))
        for one in sorted(asked)
    ]


def _coverage(dice: Random, question: str, lent: int) -> dict[str, Any]:
    counts: dict[str, Any] = dict.fromkeys(("examined", "failed", "errored", "skipped"))
    whole: dict[str, Any] = {"examined": 100, "failed": dice.choice([0, lent])}
    whole |= {"errored": 0, "skipped": 0}
    odd: Sequence[Mapping[str, Any]] = (
        {"errored": 1},
        {"skipped": 1, "skipped_items": dice.choice([["i1"], ["i2"], []])},
        {"skipped": 100},
        {"examined": 90, "skipped": 10},
        {"failed": lent + 1},
        {"examined": 0, "failed": 0},
        counts,
        {dice.choice(list(counts)): None},
    )
    said = whole if dice.random() < 0.6 else {**whole, **dice.choice(odd)}
    return {"question": question, "passed": None, "skipped_items": [], **said}


def an_asked_situation(dice: Random, policy: str) -> Situation:
    """Return a situation with signed answers of persons to a rule, one in each document."""
    subject, _documents, as_of = a_situation(dice, "metric")
    subject["release"]["requested_by"] = dice.choice([None, "cid"])
    answers: list[dict[str, Any]] = [
        {
            "id": f"ev-a{at}",
            "blob": f"sha256:{'f' * 64}",
            "format": "assaybook-statement",
            "tool": "",
            "system": "s",
            "release": dice.choice(["1", "1", "1", "1", "2"]),
            "artifacts": [],
            "scope": dict.fromkeys(("dataset", "split", "path", "job")),
            "assurance": "signed",
            "declared": [],
            "declared_assurance": "self",
            "submission": "",
            "malformed": False,
            "received_at": NOW - dice.choice([timedelta(), DAY]),
            "produced_at": None,
            "observed_at": None,
            "coverage": [],
            "facts": [_answer(dice, policy)],
        }
        for at in range(dice.choice([0, 1, 2, 3, 4]))
    ]
    return Situation(subject, answers, as_of)


def _answer(dice: Random, policy: str) -> dict[str, Any]:
    return {
        "type": "attestation",
        "policy": policy,
        "rule": "agreed",
        "person": dice.choice(["ann", "ann", "ben", "cid"]),
        "answer": dice.choice(["yes", "yes", "yes", "no"]),
        "role": dice.choice(["lead", "lead", "lead", "clinician"]),
        "signed_at": NOW - dice.choice([*_AGES, DAY, 2 * DAY, -SECOND]),
        "valid_until": dice.choice([None, None, NOW, NOW + SECOND, NOW - SECOND]),
    }
