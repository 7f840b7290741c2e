"""What ``import assaybook`` offers: the gate of a pipeline as objects, judged as ``check`` judges.

Nothing is printed and nothing recorded, and the instant is an argument.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn, TypeAlias

from assaybook.domain.documents import Evidence, Problem, problem_of
from assaybook.domain.errors import SubmitterError, UsageError, did_you_mean
from assaybook.domain.fact_types import FACT_TYPES
from assaybook.domain.facts import AnyFact
from assaybook.domain.finding import CatalogConclusion, ControlStanding, Finding, Gate, Unused
from assaybook.domain.policy import Assurance, Policy, Severity
from assaybook.intake.declared import Declared
from assaybook.intake.envelope import check_not_from_the_future
from assaybook.intake.read import Receipt
from assaybook.service.bundles import BundleFiles, Ruling, read_ruling
from assaybook.service.check import LOCAL, judge_read, only_release, read_decisions
from assaybook.service.judge import Judgement
from assaybook.service.read_evidence import ReadFile, ReadPaths, read_paths
from assaybook.service.said_of_files import usable_format
from assaybook.service.subjects import read_subject, read_system_file, release_unknown

if TYPE_CHECKING:
    from assaybook.reporting.tables import Table

Place: TypeAlias = str | os.PathLike[str]
"""A file or a folder."""
Places: TypeAlias = Place | Iterable[Place]
_ASSERTED: Final = ("self", "ci")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class LoadedBundle:
    """Policies, overlays, scope and the catalogs that they cite, under one digest."""

    ruling: Ruling

    @property
    def digest(self) -> str:
        """The digest by which every finding names what it was judged by."""
        return self.ruling.bundle.digest

    @property
    def policies(self) -> tuple[Policy, ...]:
        """The policies, in the order of their ids."""
        return self.ruling.bundle.policies

    def __repr__(self) -> str:
        """Say how many policies it holds."""
        return f"<LoadedBundle: {_counted(len(self.policies), 'policy', 'policies')}>"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class EvidenceSet:
    """What files and folders held: documents that stand together, and what could not be read."""

    read: ReadPaths

    @property
    def documents(self) -> tuple[Evidence, ...]:
        """The documents: envelope, coverage and facts of each."""
        return self.read.evidence

    @property
    def facts(self) -> tuple[AnyFact, ...]:
        """The facts of all documents."""
        return tuple(fact for one in self.documents for fact in one.facts)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The files that could not be read as what they are; any of them is verdict ``error``."""
        return self.read.problems

    @property
    def unrecognised(self) -> tuple[str, ...]:
        """Other files that were met in a folder; they are not judged."""
        return self.read.unrecognised

    def facts_table(self, kind: str) -> "Table":
        """Return one row for each fact of a type, such as ``metric``, with its file and place.

        Raises:
            UsageError: ``argument-invalid``, there is no such type.
        """
        from assaybook.reporting.tables import facts_frame

        if kind not in FACT_TYPES:
            raise _unknown("kind", kind, FACT_TYPES)
        return facts_frame(kind, self.documents, self.read.files)

    def __repr__(self) -> str:
        """Say how many documents were read, and how many files could not be."""
        read = _counted(len(self.documents), "document", "documents")
        return f"<EvidenceSet: {read}, {_counted(len(self.problems), 'problem', 'problems')}>"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Result:
    """One assessment: findings, standings, conclusion and gate.

    It is neither true nor false: a verdict is asked for by name, ``gate.verdict`` or ``gate.exit``.
    """

    judgement: Judgement

    @property
    def findings(self) -> tuple[Finding, ...]:
        """One finding for each rule, none left out."""
        return self.judgement.assessment.findings

    @property
    def standings(self) -> tuple[ControlStanding, ...]:
        """The standing of each control in scope."""
        return self.judgement.assessment.standings

    @property
    def conclusion(self) -> tuple[CatalogConclusion, ...]:
        """The conclusion for each catalog in scope."""
        return self.judgement.assessment.conclusion

    @property
    def gate(self) -> Gate:
        """Verdict and exit code, and the counts behind them, as ``assay check`` ends with them."""
        return self.judgement.assessment.gate

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The files that could not be read."""
        return self.judgement.problems

    @property
    def unused(self) -> tuple[Unused, ...]:
        """The documents that no rule used, and files that are no evidence, each with the reason."""
        return self.judgement.assessment.unused

    @property
    def digest(self) -> str:
        """The digest of the assessment: equal inputs give an equal one."""
        return self.judgement.assessment.assessment.digest

    def findings_table(self) -> "Table":
        """Return one row for each finding, all columns as text, as ``--format csv`` has them."""
        from assaybook.reporting.tables import findings_frame

        return findings_frame(self.judgement.assessment)

    def standings_table(self) -> "Table":
        """Return one row for each control, with its standing and the counts of its findings."""
        from assaybook.reporting.tables import standings_frame

        return standings_frame(self.judgement.assessment)

    def to_json(self) -> str:
        """Return what ``assay check --format json`` writes, byte for byte."""
        from assaybook.reporting.json import judgement_json

        found = self.judgement
        return judgement_json(found.assessment, found.problems, found.files)

    def __bool__(self) -> NoReturn:
        """Refuse to be a condition: whoever writes ``if result:`` means one of several questions.

        Raises:
            UsageError: ``result-is-no-condition``.
        """
        raise UsageError(
            "result-is-no-condition",
            "a result is neither true nor false: nothing proven would read as a pass",
            hint='Write result.gate.verdict == "pass", or end with result.gate.exit.',
        )

    def __repr__(self) -> str:
        """Say the verdict, the exit code and how many findings there are."""
        gate, found = self.gate, _counted(len(self.findings), "finding", "findings")
        return f"<Result: {gate.verdict.value}, exit {gate.exit}, {found}>"


def load_bundle(
    policies: Places | None, *, globs: Iterable[str], overlays: Places, scope: Place | None
) -> LoadedBundle:
    """Return the bundle of files; ``policies`` None means the shipped library.

    Raises:
        AssayError: a policy, overlay or scope cannot be read or used, or no folder is named.
    """
    folders = () if policies is None else _paths(policies)
    if policies is not None and not folders:
        hint = "Name a folder, or give None for the shipped library."
        raise UsageError("folder-not-named", "no folder of policies is named", hint=hint)
    scoped = None if scope is None else _path(scope)
    return LoadedBundle(read_ruling(BundleFiles(folders, tuple(globs), _paths(overlays), scoped)))


def read_evidence(  # noqa: PLR0913 - each is what a person may say of the files
    paths: Places,
    *,
    system: Place | None,
    release: str | None,
    declared_format: str | None,
    manifest: Place | None,
    assurance: str,
    at: datetime,
) -> EvidenceSet:
    """Read files and folders as one submission that is received at an instant.

    Raises:
        AssayError: the system file cannot be read, or an argument cannot be used. A document that
            cannot be read is a problem in the result instead.
    """
    files = _paths(paths)
    if assurance not in _ASSERTED:
        raise _unknown("assurance", assurance, _ASSERTED)
    usable_format(declared_format, files, where="declared_format")
    receipt = Receipt(received_at=at, assurance=Assurance(assurance), submission=LOCAL)
    return EvidenceSet(
        read_paths(
            files,
            receipt=receipt,
            manifest=None if manifest is None else _path(manifest),
            declared_format=declared_format,
            declared=_about(system, release),
        )
    )


def assess(  # noqa: PLR0913 - each is an input that decides
    bundle: LoadedBundle,
    evidence: EvidenceSet,
    *,
    system: Place,
    release: str | None,
    at: datetime,
    fail_on: str,
    waivers: Place | None,
    baseline: Place | None,
    trust: Place | None,
) -> Result:
    """Judge evidence about a release as of an instant, at which it counts as received.

    Raises:
        AssayError: a file cannot be read, or an argument cannot be used.
    """
    _made_by(load_bundle.__name__, bundle, LoadedBundle, "bundle")
    _made_by(read_evidence.__name__, evidence, EvidenceSet, "evidence")
    if fail_on not in list(Severity):
        raise _unknown("fail_on", fail_on, Severity)
    file = _path(system)
    subject = read_subject(file, only_release(file) if release is None else release)
    decided = read_decisions(
        subject.system.id,
        **{
            name: None if one is None else _path(one)
            for name, one in (("waivers", waivers), ("baseline", baseline), ("trust", trust))
        },
    )
    read = received(evidence.read, at)
    found = judge_read(bundle.ruling, subject, read, decided, as_of=at, fail_on=Severity(fail_on))
    return Result(found)


def received(read: ReadPaths, at: datetime) -> ReadPaths:
    """Return what was read as if it had been received at another instant.

    A document that is from the future then is a problem, as where it is read at that instant.
    """
    documents: list[ReadFile] = []
    problems: list[Problem] = []
    for one in read.documents:
        opened = one.opened
        try:
            for each in opened.evidence:
                for said in (each.envelope.produced_at, each.envelope.observed_at):
                    if said is not None:
                        check_not_from_the_future(opened.name, said, at)
        except SubmitterError as error:
            problems.append(problem_of(one.file, error))
            continue
        evidence = tuple(_received(each, at) for each in opened.evidence)
        documents.append(ReadFile(one.file, replace(opened, evidence=evidence)))
    return replace(read, documents=tuple(documents), problems=(*read.problems, *problems))


def _received(evidence: Evidence, at: datetime) -> Evidence:
    envelope = evidence.envelope.model_copy(update={"received_at": at})
    return evidence.model_copy(update={"envelope": envelope})


def _about(system: Place | None, release: str | None) -> Declared:
    """Return what holds for every document that says nothing else of what it is about."""
    if system is None:
        return Declared(release=release)
    path = _path(system)
    document = read_system_file(path)
    version = only_release(path) if release is None else release
    versions = [one.version for one in document.releases]
    if version not in versions:
        raise release_unknown(version, versions, path)
    return Declared(system=document.system.id, release=version)


def _path(place: Place) -> Path:
    """Return a path; an empty text would be read as the working folder, which nobody chose.

    Raises:
        UsageError: ``argument-invalid``.
    """
    if not os.fspath(place):
        told = "an empty text names no file or folder"
        raise UsageError("argument-invalid", told, hint='Write "." for the working folder.')
    return Path(place)


def _paths(places: Places) -> tuple[Path, ...]:
    if isinstance(places, str | os.PathLike):
        return (_path(places),)
    return tuple(_path(one) for one in places)


def _made_by(maker: str, given: object, kind: type, where: str) -> None:
    """Refuse an argument that is not what another function returns, such as a path.

    Raises:
        UsageError: ``argument-invalid``.
    """
    if not isinstance(given, kind):
        told = f"this is {type(given).__name__}, and {kind.__name__} is wanted"
        hint = f"Hand over what {maker}() returned."
        raise UsageError("argument-invalid", told, where=where, hint=hint)


def _unknown(where: str, said: str, known: Iterable[str]) -> UsageError:
    words = list(known)
    near = did_you_mean(get_close_matches(str(said).strip().lower(), words, n=2))
    hint = near or f"Write one of {', '.join(words)}."
    return UsageError("argument-invalid", f"{said!r} is no word for it", where=where, hint=hint)


def _counted(number: int, one: str, several: str) -> str:
    return f"{number} {one if number == 1 else several}"
