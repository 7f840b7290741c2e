"""The demonstration: a sound and a flawed release of one example system, judged from real files."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from importlib.resources import as_file
from pathlib import Path
from typing import Final

from assaybook.domain.errors import UsageError
from assaybook.domain.policy import Assurance, Severity
from assaybook.domain.record import record
from assaybook.language.document_subject import load_subject
from assaybook.reporting.csv_ import findings_csv
from assaybook.reporting.json import findings_json
from assaybook.service.bundles import BundleFiles, Ruling, read_ruling
from assaybook.service.files import read_yaml, write_bytes
from assaybook.service.judge import Judgement
from assaybook.service.ledger_keys import Change, make_keys
from assaybook.service.pack_contents_store import stored_sources
from assaybook.service.pack_sources import PackSources
from assaybook.service.packs import Edition, can_sign, write_pack
from assaybook.service.people import read_trust
from assaybook.service.register_system import register_releases, register_system
from assaybook.service.run_assessment import run_assessment
from assaybook.service.store_access import reading, writing
from assaybook.service.subjects import read_subject
from assaybook.service.submit_files import Submission, submit_files
from assaybook.shelf import shelf

AS_OF: Final = datetime(2026, 11, 20, tzinfo=UTC)
"""The example is judged as of a fixed day, so that its evidence never grows stale."""
EXAMPLE: Final = "diabetes"
SOUND: Final = "1.0.0-sound"
FLAWED: Final = "1.1.0-flawed"
RELEASES: Final = (SOUND, FLAWED)
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


def demonstrate(folder: Path, tell: Callable[[str], None]) -> Iterator[Shown]:
    """Register, submit, judge and report both releases in a new folder, one after the other.

    Raises:
        UsageError: ``demo-folder-taken``.
        AssayError: something of the installation is missing; the hint says what.
    """
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(
            "demo-folder-taken",
            "the folder is not empty",
            where=str(folder),
            hint="Name another with --out, or remove it.",
        )
    folder.mkdir(parents=True, exist_ok=True)
    database = f"sqlite:///{folder / 'assaybook.db'}"
    with ExitStack() as stack:
        example = stack.enter_context(as_file(shelf("examples") / EXAMPLE))
        ruling = read_ruling(
            BundleFiles(overlays=(example / "overlay.yaml",), scope=example / "scope.yaml")
        )
        _register(database, example, tell)
        for release in RELEASES:
            _submit(database, example, release, tell)
        judged = [_judged(database, ruling, release, tell) for release in RELEASES]
        trust = read_trust(example / "trust.yaml")
        keys = _keys(folder / "keys", tell)
        with reading(database) as store:
            sources = [
                stored_sources(store, one, keys=keys, now=AS_OF, trust=trust) for one in judged
            ]
        # The layout of a pack is the work of a process of its own, so both go on at once.
        with ThreadPoolExecutor(len(RELEASES)) as pool:
            yield from pool.map(partial(_written, folder), RELEASES, judged, sources)


def _clock() -> datetime:
    return AS_OF


def _register(database: str, example: Path, tell: Callable[[str], None]) -> None:
    file = example / "system.yaml"
    versions = [one.version for one in load_subject(read_yaml(file)).releases]
    subjects = [read_subject(file, version) for version in versions]
    with writing(database, _clock, tell) as work:
        register_system(work, subjects[0].system)
        register_releases(
            work, subjects[0].system.id, tuple(subject.release for subject in subjects)
        )


def _submit(database: str, example: Path, release: str, tell: Callable[[str], None]) -> None:
    system = load_subject(read_yaml(example / "system.yaml")).system.id
    submission = Submission(
        paths=(example / "releases" / release / "evidence",),
        system=system,
        release=release,
        assurance=Assurance.CI,
        submitted_by="demo",
        trust=read_trust(example / "trust.yaml"),
    )
    with writing(database, _clock, tell) as work:
        done = submit_files(work, submission)
    accepted, refused = len(done.report.accepted), len(done.problems)
    tell(f"{release}: {accepted} pieces of evidence recorded, {refused} files refused")


def _judged(database: str, ruling: Ruling, release: str, tell: Callable[[str], None]) -> Judgement:
    system = "diabetes-triage"
    with writing(database, _clock, tell) as work:
        return run_assessment(work, system, release, ruling, fail_on=Severity.HIGH).judgement


def _keys(folder: Path, tell: Callable[[str], None]) -> Path | None:
    """Make the keys of the demonstration's log; None where nothing can be signed here."""
    if not can_sign():
        tell("the packs are not signed: pip install 'assaybook[sign]'")
        return None
    make_keys(folder, _LOG, Change(AS_OF))
    return folder


def _written(folder: Path, release: str, judgement: Judgement, sources: PackSources) -> Shown:
    pack = folder / f"{release}.pdf"
    findings, table = folder / f"{release}.json", folder / f"{release}.csv"
    write_pack(judgement, pack, Edition(_ORGANISATION), sources=sources)
    write_bytes(findings, findings_json(judgement.assessment).encode())
    write_bytes(table, findings_csv(judgement.assessment).encode())
    return Shown(release, judgement, pack, findings, table)
