"""Answers to requests that may be repeated, for as long as a client can sensibly try again."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from sqlalchemy import delete, insert, select
from sqlmodel import col

from assaybook.domain.record import record
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


def find_answer(reading: Reading, asked: Asked) -> Answer | None:
    """Return what was answered to this request before; None where it was not."""
    query = select(
        col(AnswerRow.request),
        col(AnswerRow.status),
        col(AnswerRow.headers_json),
        col(AnswerRow.content),
    ).where(
        col(AnswerRow.principal) == asked.principal,
        col(AnswerRow.route) == asked.route,
        col(AnswerRow.key) == asked.key,
    )
    row = reading.connection.execute(query).first()
    if row is None:
        return None
    request, status, headers, content = row
    return Answer(request, status, json.loads(headers), content)


def save_answer(work: UnitOfWork, asked: Asked, answer: Answer) -> None:
    """Keep an answer for a day, and let go of those that are older."""
    work.connection.execute(delete(AnswerRow).where(col(AnswerRow.at) < work.now - KEPT))
    row = {
        "principal": asked.principal,
        "route": asked.route,
        "key": asked.key,
        "at": work.now,
        "request": answer.request,
        "status": answer.status,
        "headers_json": json.dumps(dict(answer.headers), sort_keys=True),
        "content": answer.content,
    }
    work.connection.execute(insert(AnswerRow), row)
