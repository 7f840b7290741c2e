"""Audit packs of a server: asked for, waited for, and fetched whole."""

import time
from datetime import datetime
from typing import Final
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict

from assaybook.domain.canonical import digest_of
from assaybook.domain.errors import OperatorError, UsageError
from assaybook.domain.ids import written
from assaybook.domain.policy import Severity
from assaybook.domain.record import record
from assaybook.service.remote_answers import object_of, record_of
from assaybook.service.remote_line import Line, Reply, asked, odd_answer, posted

PATIENCE_SECONDS: Final = 1800.0
"""For a pack that is being made, behind others that were asked for before."""
_PAUSE_SECONDS: Final = 0.5
_LONGEST_PAUSE_SECONDS: Final = 5.0
_UNDER_WAY: Final = frozenset({"queued", "running"})


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Document(_Told):
    digest: str


class _Problem(_Told):
    code: str
    message: str
    where: str = ""
    hint: str = ""


class _Pack(_Told):
    """How far a pack is; the rest of it stands there when it is done, or has failed."""

    id: str
    state: str
    document: _Document | None = None
    problem: _Problem | None = None


@record
class PackWanted:
    """Of which release a pack is wanted; ``as_of`` None is the instant of the server."""

    system: str
    release: str
    as_of: datetime | None
    fail_on: Severity
    organisation: str


def pack_at(line: Line, wanted: PackWanted, *, patience_seconds: float = PATIENCE_SECONDS) -> bytes:
    """Have a server make a pack, and return it; that it was read is recorded there.

    Raises:
        UsageError: what the server says of a pack that it could not make.
        AssayError: what the server answers, or that it does not; or it takes longer than patience.
    """
    said = {
        "system": wanted.system,
        "release": wanted.release,
        "as_of": None if wanted.as_of is None else written(wanted.as_of),
        "fail_on": wanted.fail_on.value,
        "organisation": wanted.organisation,
    }
    pack = _made(line, _pack(line, posted(line, "/v1/packs", json=said)), patience_seconds)
    if pack.problem is not None:
        problem = pack.problem
        raise UsageError(problem.code, problem.message, where=problem.where, hint=problem.hint)
    if pack.document is None:
        raise odd_answer(line, f"its pack is {pack.state[:40]!r}, which is not known here")
    content = asked(line, "GET", f"{_path(pack)}/document").content
    if digest_of(content) != pack.document.digest:
        raise odd_answer(line, "the pack that came is not the one that it made")
    return content


def _made(line: Line, pack: _Pack, patience_seconds: float) -> _Pack:
    """Ask how far a pack is until it is made, or has failed."""
    deadline = time.monotonic() + patience_seconds
    pause = _PAUSE_SECONDS
    while pack.state in _UNDER_WAY:
        if time.monotonic() + pause > deadline:
            raise OperatorError(
                "pack-not-ready",
                f"the pack {pack.id} is still {pack.state} after {patience_seconds:.0f} s",
                where=line.server.url,
                hint=f"It goes on there; ask for it later: GET {_path(pack)}/document",
            )
        time.sleep(pause)
        pause = min(pause * 1.5, _LONGEST_PAUSE_SECONDS)
        pack = _pack(line, asked(line, "GET", _path(pack)))
    return pack


def _pack(line: Line, reply: Reply) -> _Pack:
    return record_of(line, _Pack, object_of(line, reply))


def _path(pack: _Pack) -> str:
    return f"/v1/packs/{quote(pack.id, safe='')}"
