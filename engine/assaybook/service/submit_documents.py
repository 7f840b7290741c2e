"""Submit documents that came as bytes; the one way of all evidence into the store.

Reading them needs no database and happens before the unit of work, recording them is all of it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from assaybook.domain.documents import Problem, problem_of
from assaybook.domain.errors import AssayError, SubmitterError, UsageError
from assaybook.domain.ids import written
from assaybook.domain.policy import Assurance
from assaybook.domain.record import record
from assaybook.domain.trust import Trust
from assaybook.intake.declared import Declared
from assaybook.intake.limits import Limits
from assaybook.intake.made import made
from assaybook.intake.manifest import MANIFEST, read_sent_manifest
from assaybook.intake.read import Receipt
from assaybook.service.people import verified_evidence
from assaybook.service.read_evidence import (
    ReadFile,
    ReadPaths,
    SentDocument,
    read_sent,
)
from assaybook.service.refusals import refusals_in
from assaybook.service.submit_evidence import SubmitReport, submit_evidence, submit_together
from assaybook.service.unregistered import refuse_unregistered
from assaybook.store.answers import Answer, Asked, find_answers, save_answers
from assaybook.store.refusals import save_refusals
from assaybook.store.subjects import known_subject
from assaybook.store.unit_of_work import UnitOfWork

_NOTHING: Final = ReadPaths((), (), ())


@record
class Origin:
    """Who submits, about which release, and how well that is known.

    Attributes:
        assurance: of the caller as we know it; nothing in a document can raise it.
        mark: tells apart submissions of one instant; empty where there can be none.
        systems: those that documents may be about; None means all.
        authenticated: whether the caller has shown a key or token, or only says who it is.
    """

    system: str
    release: str
    assurance: Assurance = Assurance.SELF
    submitted_by: str = ""
    trust: Trust = Trust()
    mark: str = ""
    systems: frozenset[str] | None = None
    authenticated: bool = False

    def receipt(self, received_at: datetime) -> Receipt:
        """Return the receipt of what comes in at an instant; its documents stand together."""
        instant = f"{self.system}/{self.release}@{written(received_at)}"
        return Receipt(
            received_at=received_at,
            submitted_by=self.submitted_by,
            assurance=self.assurance,
            submission=f"{instant}/{self.mark}" if self.mark else instant,
            authenticated=self.authenticated,
        )

    @property
    def declared(self) -> Declared:
        """Return what holds for every document that says nothing else."""
        return Declared(system=self.system, release=self.release)


@record
class Submitted:
    """What was recorded, what could not be read, and what was no evidence.

    ``files`` names the file of each evidence by its id, in the order of reading, where the files
    are on this machine; equal files have one id.
    """

    report: SubmitReport
    problems: tuple[Problem, ...]
    unrecognised: tuple[str, ...]
    files: tuple[tuple[str, str], ...] = ()


@record
class Sent:
    """A document as it came: its name, its bytes, and what was said of it on the way."""

    name: str
    content: bytes
    declared: Declared = Declared()


def read_documents(
    documents: Sequence[Sent],
    origin: Origin,
    received_at: datetime,
    *,
    manifest: bytes | None = None,
    limits: Limits = Limits(),  # noqa: B008 - immutable
) -> ReadPaths:
    """Read what was sent, by the manifest that came with it; neither disk nor store is looked at.

    A document of a system that the origin may not speak of is a problem, in the words of one that
    nobody registered.
    """
    receipt = origin.receipt(received_at)
    if manifest is None:
        tasks = [_named(one, origin) for one in documents]
        read = read_sent(tasks, receipt=receipt, limits=limits)
    else:
        read = _read_listed(documents, manifest, origin, receipt, limits)
    return read if origin.systems is None else _within(read, origin.systems)


@record
class Once:
    """That a submission may come again, and is answered as the first time then.

    Attributes:
        asked: the request by which it is known again.
        answer: makes the answer that is kept, in the commit of what it tells; None keeps none.
    """

    asked: Asked
    answer: Callable[[Submitted, ReadPaths], Answer | None]


@dataclass(slots=True)
class Recording:
    """A submission to be read and recorded: a function for the one writer.

    Several that wait are recorded together, at the price of one. One that was answered before
    comes to that answer, and is not recorded again.

    Attributes:
        kept: the answer that was kept with what it tells; None where none was.
    """

    origin: Origin
    documents: Sequence[Sent]
    received_at: datetime
    manifest: bytes | None = None
    read: ReadPaths = _NOTHING
    once: Once | None = None
    kept: Answer | None = None

    def prepare(self) -> None:
        """Read the documents, unless that was done."""
        if self.documents:
            self.read = read_documents(
                self.documents, self.origin, self.received_at, manifest=self.manifest
            )
            self.documents = ()

    def __call__(self, work: UnitOfWork) -> Submitted | Answer:
        """Record it alone, once it was prepared."""
        known = _answered_before(work, (self,))
        if known:
            return known[0]
        done = record_submission(work, self.origin, self.read)
        _keep_answers(work, {0: done}, (self,))
        return done

    @staticmethod
    def together(
        work: UnitOfWork, recordings: Sequence["Recording"]
    ) -> Sequence[Submitted | Answer | AssayError]:
        """Record several; one about what nobody registered does not hold up the others.

        Any other error of one of them is raised, and none may be kept then.
        """
        known = _answered_before(work, recordings)
        answers: dict[int, Submitted | AssayError] = {}
        people: dict[str, list[int]] = {}
        for number, one in enumerate(recordings):
            if number in known:
                continue
            try:
                known_subject(work, one.origin.system, one.origin.release)
            except UsageError as error:
                answers[number] = error
            else:
                people.setdefault(one.origin.submitted_by, []).append(number)
        for person, numbers in people.items():
            mine = [recordings[number] for number in numbers]
            for one in mine:
                one.read = refuse_unregistered(work, one.read)
            submissions = [
                verified_evidence(one.read.evidence, one.read.blobs, one.origin.trust)
                for one in mine
            ]
            blobs = {key: content for one in mine for key, content in one.read.blobs.items()}
            reports = submit_together(work, submissions, blobs, person=person)
            for number, one, report in zip(numbers, mine, reports, strict=True):
                answers[number] = Submitted(report, one.read.problems, one.read.unrecognised)
                _keep_refused(work, one.origin, one.read)
        _keep_answers(work, answers, recordings)
        return [known.get(number) or answers[number] for number in range(len(recordings))]


def _answered_before(work: UnitOfWork, recordings: Sequence[Recording]) -> dict[int, Answer]:
    """Return the answers to those that came before, by their number."""
    asked = {one.once.asked: number for number, one in enumerate(recordings) if one.once}
    return {asked[one]: answer for one, answer in find_answers(work, asked).items()}


def _keep_answers(
    work: UnitOfWork, came_to: Mapping[int, Submitted | AssayError], recordings: Sequence[Recording]
) -> None:
    """Keep the answers to those that may come again."""
    answers: dict[Asked, Answer] = {}
    for number, done in came_to.items():
        one = recordings[number]
        if one.once is not None and isinstance(done, Submitted):
            one.kept = one.once.answer(done, one.read)
            if one.kept is not None:
                answers[one.once.asked] = one.kept
    save_answers(work, answers)


def record_submission(work: UnitOfWork, origin: Origin, read: ReadPaths) -> Submitted:
    """Record what was read, in one unit of work.

    A document that could not be read, or that names what nobody registered, does not keep the
    others from being recorded; that it came and was refused is recorded with them.

    Raises:
        UsageError: ``system-unknown`` or ``release-unknown``, of the origin.
        AssayError: as ``submit_evidence``.
    """
    known_subject(work, origin.system, origin.release)
    read = refuse_unregistered(work, read)
    evidence = verified_evidence(read.evidence, read.blobs, origin.trust)
    report = submit_evidence(work, evidence, read.blobs, person=origin.submitted_by)
    _keep_refused(work, origin, read)
    return Submitted(report, read.problems, read.unrecognised)


def _keep_refused(work: UnitOfWork, origin: Origin, read: ReadPaths) -> None:
    """Record what could not be read as refused of the release that it was sent for."""
    if read.refused:
        about = (origin.system, origin.release)
        save_refusals(work, refusals_in(read.refused, about, origin.submitted_by, work.now))


def _named(one: Sent, origin: Origin) -> SentDocument:
    about = {"system": origin.system, "release": origin.release}
    declared = made(Declared, {**one.declared.__dict__, **about})
    return SentDocument(one.name, one.content, (declared,))


def _read_listed(
    documents: Sequence[Sent], raw: bytes, origin: Origin, receipt: Receipt, limits: Limits
) -> ReadPaths:
    """Read documents by their manifest; what it does not list was only sent along."""
    try:
        manifest = read_sent_manifest(raw, [one.name for one in documents], limits)
        said = {entry.name: entry.declared for entry in manifest.entries}
        if manifest.others is not None:
            said = {one.name: (Declared(), manifest.others(Path(one.name))) for one in documents}
    except SubmitterError as error:
        return ReadPaths((), (problem_of(MANIFEST, error),), ())
    tasks = [
        SentDocument(
            one.name,
            one.content,
            (*said.get(one.name, (Declared(),)), origin.declared),
            named=one.name in said,
        )
        for one in documents
    ]
    read = read_sent(tasks, receipt=receipt, limits=limits)
    return replace(read, problems=(*manifest.problems, *read.problems))


def _within(read: ReadPaths, systems: frozenset[str]) -> ReadPaths:
    """Return what is about these systems only; anything else is a problem of its document."""
    kept: list[ReadFile] = []
    problems: list[Problem] = []
    for document in read.documents:
        named = {one.envelope.subject.system for one in document.opened.evidence}
        foreign = sorted(one for one in named if one is not None and one not in systems)
        if foreign:
            unknown = UsageError(
                "system-unknown", f"there is no system {foreign[0]!r}", where=document.file
            )
            problems.append(problem_of(document.file, unknown))
        else:
            kept.append(document)
    return replace(read, documents=tuple(kept), problems=(*read.problems, *problems))
