"""The demonstration: a sound and a flawed release of one example system, judged from real files."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from importlib.resources import as_file
from pathlib import Path
from typing import Final

from assaybook.domain.errors import UsageError
from assaybook.domain.policy import Assurance, Severity
from assaybook.domain.record import record
from assaybook.domain.trust import Trust
from assaybook.language.document_subject import load_subject
from assaybook.reporting.csv_ import findings_csv
from assaybook.reporting.json import findings_json
from assaybook.reporting.pdf import PdfLimits, Press
from assaybook.reporting.words import listed, short_day
from assaybook.service.bundles import BundleFiles, Ruling, read_ruling
from assaybook.service.files import make_room, read_yaml, write_bytes
from assaybook.service.judge import Judgement
from assaybook.service.ledger_keys import Change, make_keys
from assaybook.service.pack_contents_store import stored_sources
from assaybook.service.pack_past import remediation_of
from assaybook.service.pack_sources import PackSources
from assaybook.service.packs import Edition, can_sign, write_pack
from assaybook.service.people import read_trust
from assaybook.service.read_evidence import ReadFile, ReadPaths
from assaybook.service.register_system import register_releases, register_system
from assaybook.service.run_assessment import run_assessment
from assaybook.service.store_access import reading, writing
from assaybook.service.subjects import read_subject
from assaybook.service.submission import Submission
from assaybook.service.submit_documents import record_submission
from assaybook.service.submit_files import read_submission
from assaybook.shelf import shelf

AS_OF: Final = datetime(2026, 11, 20, tzinfo=UTC)
"""The example is judged as of a fixed day, so that its evidence never grows stale."""
EXAMPLE: Final = "diabetes"
SYSTEM: Final = "diabetes-triage"
SOUND: Final = "1.0.0-sound"
FLAWED: Final = "1.1.0-flawed"
RELEASES: Final = (SOUND, FLAWED)
EARLIER: Final = {
    SOUND: (datetime(2026, 11, 13, tzinfo=UTC),),
    FLAWED: (datetime(2026, 6, 16, tzinfo=UTC), datetime(2026, 10, 12, tzinfo=UTC)),
}
"""Days on which what was there by then is submitted and judged too, by release."""
_DATABASE: Final = "assaybook.db"
_ORGANISATION: Final = "Example Ward"
_LOG: Final = "ward.example.org/assaybook"


@record
class Shown:
    """One release with its judgement and the files that were written about it."""

    release: str
    judgement: Judgement
    pack: Path
    findings: Path
    table: Path


def demonstrate(
    folder: Path, tell: Callable[[str], None], *, cache: Path | None = None
) -> Iterator[Shown]:
    """Register, submit, judge and report both releases in a new folder, one after the other.

    ``cache`` is the folder of painted parts of packs, if any.

    Raises:
        UsageError: ``demo-folder-taken`` or ``file-unwritable``.
        AssayError: something of the installation is missing; the hint says what.
    """
    # Of a folder that nobody may write to, nothing else would say so in words.
    make_room(folder / _DATABASE)
    if any(folder.iterdir()):
        raise UsageError(
            "demo-folder-taken",
            "the folder is not empty",
            where=str(folder),
            hint="Name another with --out, or remove it.",
        )
    database = f"sqlite:///{folder / _DATABASE}"
    with ExitStack() as stack:
        presses = [stack.enter_context(Press(limits=PdfLimits(), cache=cache)) for _ in RELEASES]
        example = stack.enter_context(as_file(shelf("examples") / EXAMPLE))
        ruling = read_ruling(
            BundleFiles(overlays=(example / "overlay.yaml",), scope=example / "scope.yaml")
        )
        trust = read_trust(example / "trust.yaml")
        _register(database, example, tell)
        found = {release: _read(example, release, trust) for release in RELEASES}
        judged = _judged_by_then(database, ruling, found, tell)
        keys = _keys(folder / "keys", tell)
        with reading(database) as store:
            sources = [
                stored_sources(store, judged[release], keys=keys, now=AS_OF, trust=trust)
                for release in RELEASES
            ]
        # The layout of a pack is the work of a process of its own, so both go on at once.
        with ThreadPoolExecutor(len(RELEASES)) as pool:
            last = [judged[release] for release in RELEASES]
            yield from pool.map(partial(_written, folder), RELEASES, last, sources, presses)


def _register(database: str, example: Path, tell: Callable[[str], None]) -> None:
    file = example / "system.yaml"
    versions = [one.version for one in load_subject(read_yaml(file)).releases]
    subjects = [read_subject(file, version) for version in versions]
    with writing(database, partial(_on, min(min(each) for each in EARLIER.values())), tell) as work:
        register_system(work, subjects[0].system)
        register_releases(
            work, subjects[0].system.id, tuple(subject.release for subject in subjects)
        )


@record
class _Found:
    """What the tools wrote about one release, and on whose word it is submitted."""

    submission: Submission
    read: ReadPaths


def _read(example: Path, release: str, trust: Trust) -> _Found:
    submission = Submission(
        paths=(example / "releases" / release / "evidence",),
        system=SYSTEM,
        release=release,
        assurance=Assurance.CI,
        submitted_by="demo",
        trust=trust,
    )
    return _Found(submission, read_submission(submission, AS_OF))


def _judged_by_then(
    database: str, ruling: Ruling, found: Mapping[str, _Found], tell: Callable[[str], None]
) -> dict[str, Judgement]:
    """Submit on each day what was there by then, judge it, and return the last judgements.

    Nobody submits on one day what was made on many: so the packs have a past to tell of.
    """
    judged: dict[str, Judgement] = {}
    accepted, before = Counter[str](), datetime.min.replace(tzinfo=UTC)
    days = sorted({day for each in EARLIER.values() for day in each} | {AS_OF})
    since = dict.fromkeys(found, before)
    for day in days:
        for release, one in found.items():
            if day not in {*EARLIER[release], AS_OF}:
                continue
            new = _made_between(one, since[release], day)
            since[release] = day
            with writing(database, partial(_on, day), tell) as work:
                done = record_submission(work, one.submission.origin, new)
            with writing(database, partial(_on, day), tell) as work:
                run = run_assessment(work, SYSTEM, release, ruling, fail_on=Severity.HIGH)
            judged[release] = run.judgement
            accepted[release] += len(done.report.accepted)
    for release, one in found.items():
        told = f"{release}: {accepted[release]} pieces of evidence recorded, "
        when = listed([short_day(day) for day in (*EARLIER[release], AS_OF)])
        tell(f"{told}{len(one.read.problems)} files refused; judged on {when}")
    return judged


def _on(day: datetime) -> datetime:
    """Tell the time as it was on a day."""
    return day


def _made_between(one: _Found, since: datetime, until: datetime) -> ReadPaths:
    """Return what was made after one instant and by another, as one submission of then."""
    mark = one.submission.origin.receipt(until).submission
    documents: list[ReadFile] = []
    for document in one.read.documents:
        evidence = tuple(
            each.model_copy(
                update={"envelope": each.envelope.model_copy(update={"submission": mark})}
            )
            for each in document.opened.evidence
            if since < (each.envelope.produced_at or AS_OF) <= until
        )
        if evidence:
            opened = replace(document.opened, evidence=evidence)
            documents.append(ReadFile(document.file, opened))
    return ReadPaths(tuple(documents), (), ())


def _keys(folder: Path, tell: Callable[[str], None]) -> Path | None:
    """Make the keys of the demonstration's log; None where nothing can be signed here."""
    if not can_sign():
        tell("the packs are not signed: pip install 'assaybook[sign]'")
        return None
    make_keys(folder, _LOG, Change(AS_OF))
    return folder


def _written(
    folder: Path, release: str, judgement: Judgement, sources: PackSources, press: Press
) -> Shown:
    pack = folder / f"{release}.pdf"
    findings, table = folder / f"{release}.json", folder / f"{release}.csv"
    write_pack(judgement, pack, Edition(_ORGANISATION), press=press, sources=sources)
    write_bytes(findings, findings_json(judgement.assessment).encode())
    due = remediation_of(judgement.assessment, judgement.bundle, sources.earlier)
    write_bytes(table, findings_csv(judgement.assessment, due).encode())
    return Shown(release, judgement, pack, findings, table)
