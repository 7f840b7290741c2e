"""The actions of a server, as those of the store: submit, check, assess."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Final, TypeVar, cast
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assaybook.domain.documents import Problem
from assaybook.domain.errors import SubmitterError
from assaybook.domain.finding import Assessment
from assaybook.domain.ids import Instant, written
from assaybook.domain.policy import Severity
from assaybook.domain.record import record
from assaybook.domain.subject import Subject
from assaybook.service.remote_files import Gathered, Part, baseline_parts, batches, manifest_of
from assaybook.service.remote_line import Line, Reply, odd_answer, posted

BATCH: Final = 8 * 1024 * 1024
"""Bytes of files in one request; a server wants it whole within half a minute."""
Progress = Callable[[int, int], None]
"""Told how many bytes, of how many, a server took."""
_TOO_LARGE: Final = "body-too-large"
_SMALLER: Final = (
    "Split the report by scope, or ask whoever operates the server for a larger bound."
)
_INSIDE: Final = "!"
"""Stands between the name of a package and that of a document in it."""
_Model = TypeVar("_Model", bound=BaseModel)


class _Told(BaseModel):
    """What a server tells: what it adds in a later version is no fault."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class SentReceipt(_Told):
    """That a server recorded a document."""

    evidence: str
    name: str = ""
    received_at: Instant


class Sent(_Told):
    """What became of the files of a submission."""

    accepted: tuple[SentReceipt, ...] = ()
    duplicates: tuple[SentReceipt, ...] = ()
    problems: tuple[Problem, ...] = ()
    unrecognised: tuple[str, ...] = ()


@record
class SubmittedThere:
    """What a server recorded and what it refused, as ``Submitted`` says it of a store here.

    ``files`` names the file of each evidence by its id, in the order in which they were sent.
    """

    report: Sent
    problems: tuple[Problem, ...]
    unrecognised: tuple[str, ...]
    files: tuple[tuple[str, str], ...]


class _Beside(_Told):
    """What an answer holds beside the assessment."""

    problems: tuple[Problem, ...] = ()
    files: dict[str, str] = Field(default_factory=dict)


@record
class Judged:
    """An assessment that a server made; ``files`` gives the file of a piece of evidence."""

    assessment: Assessment
    problems: tuple[Problem, ...]
    files: Mapping[str, str]


def submit_to(
    line: Line,
    gathered: Gathered,
    *,
    system: str,
    release: str,
    progress: Progress,
) -> SubmittedThere:
    """Send files as evidence about a release; what is refused does not hold up the rest.

    They go together as far as ``BATCH`` allows; those of one request are one submission.

    Raises:
        AssayError: what the server answers, or that it does not.
    """
    path = f"/v1/systems/{quote(system, safe='')}/releases/{quote(release, safe='')}/evidence"
    total = sum(len(part.content) for part in gathered.parts)
    done = 0
    answers: list[Sent] = []
    for batch in batches(gathered.parts, BATCH):
        answers += _recorded(line, path, batch, gathered.files)
        done += sum(len(part.content) for part in batch)
        progress(done, total)
    report = Sent(
        accepted=tuple(each for one in answers for each in one.accepted),
        duplicates=tuple(each for one in answers for each in one.duplicates),
    )
    place = {part.file: number for number, part in enumerate(gathered.parts)}
    named = [(one.name, one.evidence) for one in (*report.accepted, *report.duplicates)]
    named.sort(key=lambda one: place.get(one[0], len(place)))
    return SubmittedThere(
        report,
        (*gathered.problems, *(each for one in answers for each in one.problems)),
        (*gathered.unrecognised, *(each for one in answers for each in one.unrecognised)),
        tuple((evidence, file) for file, evidence in named),
    )


def _recorded(
    line: Line, path: str, batch: Sequence[Part], files: Mapping[str, str]
) -> Iterator[Sent]:
    """Yield what became of files; where they are too large together, half of them go at a time."""
    try:
        reply = posted(line, path, bears="problems", files=_multipart(batch))
    except SubmitterError as error:
        if error.code != _TOO_LARGE:
            raise
        if len(batch) > 1:
            middle = len(batch) // 2
            yield from _recorded(line, path, batch[:middle], files)
            yield from _recorded(line, path, batch[middle:], files)
            return
        (part,) = batch
        told = f"a request with this file is more than the server takes: {error.message}"
        problem = Problem(file=part.file, code=error.code, where="", message=told, hint=_SMALLER)
        yield Sent(problems=(problem,))
    else:
        sent = _read(line, Sent, reply)
        _refuse_unsaid(line, sent, batch, files)
        yield _named(sent, batch, files)


def check_at(  # noqa: PLR0913 - each is an input that decides
    line: Line,
    gathered: Gathered,
    subject: Subject,
    *,
    as_of: datetime | None,
    fail_on: Severity,
    baseline: Path | None = None,
) -> Judged:
    """Have files judged by the policies of a server, which records nothing.

    A baseline goes along with the approvals beside it; the server tells whose signatures count.

    Raises:
        AssayError: what the server answers, or that it does not.
    """
    query = {"fail_on": fail_on.value} | ({} if as_of is None else {"as_of": written(as_of)})
    asserted = ("subject", (None, subject.model_dump_json().encode(), "application/json"))
    files = [asserted, *baseline_parts(baseline), *_multipart(gathered.parts)]
    judged = _judged(line, posted(line, "/v1/check", files=files, params=query))
    named = gathered.files
    return Judged(
        judged.assessment,
        tuple(_renamed(each, named) for each in judged.problems),
        {key: named.get(name, name) for key, name in judged.files.items()},
    )


def assess_at(
    line: Line, system: str, release: str, *, as_of: datetime | None, fail_on: Severity
) -> Judged:
    """Have a release judged by what a server holds, which records the assessment.

    Raises:
        AssayError: what the server answers, or that it does not.
    """
    asked = {"system": system, "release": release, "fail_on": fail_on.value}
    asked |= {} if as_of is None else {"as_of": written(as_of)}
    return _judged(line, posted(line, "/v1/assessments", json=asked))


def _multipart(parts: Sequence[Part]) -> list[tuple[str, tuple[str, bytes, str]]]:
    manifest = ("manifest", ("evidence.yaml", manifest_of(parts), "text/yaml"))
    kind = "application/octet-stream"
    return [manifest, *(("file", (part.name, part.content, kind)) for part in parts)]


def _read(line: Line, shape: type[_Model], reply: Reply) -> _Model:
    try:
        return shape.model_validate_json(reply.content)
    except ValidationError as error:
        raise odd_answer(line, "its answer has another shape than is known here") from error


def _judged(line: Line, reply: Reply) -> Judged:
    beside = _read(line, _Beside, reply)
    value = cast("dict[str, object]", json.loads(reply.content))
    whole = {key: value[key] for key in Assessment.model_fields if key in value}
    try:
        found = Assessment.model_validate_json(json.dumps(whole))
    except ValidationError as error:
        raise odd_answer(line, "its assessment has another shape than is known here") from error
    return Judged(found, beside.problems, beside.files)


def _refuse_unsaid(line: Line, sent: Sent, batch: Sequence[Part], files: Mapping[str, str]) -> None:
    """Refuse an answer that leaves open what became of a file: it may not have been recorded.

    Raises:
        OperatorError: ``server-answers-otherwise``.
    """
    if sent.problems:  # of which one may be about the whole
        return
    equal = _equal(batch)
    names = (*(one.name for one in (*sent.accepted, *sent.duplicates)), *sent.unrecognised)
    told = set(chain.from_iterable(map(_files_of, names)))
    for part in batch:
        if told.isdisjoint(equal[part.name]):
            said = f"its answer does not say what became of {files.get(part.name, part.name)}"
            raise odd_answer(line, said)


def _files_of(name: str) -> Iterator[str]:
    """Yield the files that an answer may mean by a name: itself, or a package around it."""
    inside = name.split(_INSIDE)
    return (_INSIDE.join(inside[:count]) for count in range(1, len(inside) + 1))


def _named(sent: Sent, batch: Sequence[Part], files: Mapping[str, str]) -> Sent:
    """Return an answer in which files have the names that the person gave.

    Of equal files, which are one record, a server tells once: the first of them is that record, and
    each other is told as a duplicate of it.
    """
    equal = _equal(batch)
    told = {one.name.partition(_INSIDE)[0] for one in (*sent.accepted, *sent.duplicates)}

    def each(one: SentReceipt) -> list[SentReceipt]:
        file, *inside = one.name.partition(_INSIDE)
        names = [name for name in equal.get(file, (file,)) if name == file or name not in told]
        shown = ["".join((files.get(name, name), *inside)) for name in names]
        return [one.model_copy(update={"name": name}) for name in shown]

    accepted = [each(one) for one in sent.accepted]
    again = [*(some[1:] for some in accepted), *map(each, sent.duplicates)]
    return sent.model_copy(
        update={
            "problems": tuple(_renamed(one, files) for one in sent.problems),
            "unrecognised": tuple(files.get(one, one) for one in sent.unrecognised),
            "accepted": tuple(some[0] for some in accepted),
            "duplicates": tuple(chain.from_iterable(again)),
        }
    )


def _equal(parts: Sequence[Part]) -> dict[str, tuple[str, ...]]:
    """Return by its name the names of all files of the same bytes, of which the same was said."""
    alike: dict[tuple[bytes, str], list[str]] = {}
    for part in parts:
        said = None if part.said is None else {**part.said, "path": None}
        alike.setdefault((part.content, json.dumps(said)), []).append(part.name)
    return {name: tuple(names) for names in alike.values() for name in names}


def _renamed(problem: Problem, files: Mapping[str, str]) -> Problem:
    known = files.get(problem.file)
    return problem if known is None else problem.model_copy(update={"file": known})
