"""Answers to requests that may be repeated, for as long as a client can sensibly try again."""

import json
from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Final

from sqlalchemy import delete, select
from sqlmodel import col

from assaybook.domain.record import record
from assaybook.store.prepared import Query, add_rows, one_of, rows_found
from assaybook.store.tables_access import AnswerRow
from assaybook.store.unit_of_work import Reading, UnitOfWork

KEPT: Final = timedelta(hours=24)


@record
class Asked:
    """A request that may be repeated: who asked, which route, under which key."""

    principal: str
    route: str
    key: str


@record
class Answer:
    """What was answered, and the digest of the body that it answered."""

    request: str
    status: int
    headers: Mapping[str, str]
    content: bytes


def find_answers(reading: Reading, asked: Collection[Asked]) -> dict[Asked, Answer]:
    """Return what was answered to these requests before; nothing for those that were not."""
    if not asked:
        return {}
    rows = rows_found(
        reading.connection,
        _answers,
        principals={one.principal for one in asked},
        routes={one.route for one in asked},
        keys={one.key for one in asked},
    )
    found = {
        Asked(principal, route, key): Answer(request, status, json.loads(headers), bytes(content))
        for principal, route, key, request, status, headers, content in rows
    }
    return {one: found[one] for one in asked if one in found}


def _answers(kind: str) -> Query:
    principal, route, key = col(AnswerRow.principal), col(AnswerRow.route), col(AnswerRow.key)
    return select(
        principal,
        route,
        key,
        col(AnswerRow.request),
        col(AnswerRow.status),
        col(AnswerRow.headers_json),
        col(AnswerRow.content),
    ).where(
        principal.in_(one_of(kind, "principals")),
        route.in_(one_of(kind, "routes")),
        key.in_(one_of(kind, "keys")),
    )


def save_answers(work: UnitOfWork, answers: Mapping[Asked, Answer]) -> None:
    """Keep answers for a day, and let go of those that are older."""
    if not answers:
        return
    work.connection.execute(delete(AnswerRow).where(col(AnswerRow.at) < work.now - KEPT))
    rows = [
        {
            "principal": asked.principal,
            "route": asked.route,
            "key": asked.key,
            "at": work.now,
            "request": answer.request,
            "status": answer.status,
            "headers_json": json.dumps(dict(answer.headers), sort_keys=True),
            "content": answer.content,
        }
        for asked, answer in answers.items()
    ]
    add_rows(work.connection, AnswerRow, rows)
