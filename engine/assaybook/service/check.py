"""Judge files without a server: the gate of a pipeline."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path, PurePath

from assaybook.domain.baseline import Baseline
from assaybook.domain.documents import Evidence
from assaybook.domain.errors import UsageError
from assaybook.domain.finding import Unused
from assaybook.domain.policy import Assurance, Severity
from assaybook.domain.record import record
from assaybook.domain.subject import Subject
from assaybook.domain.trust import Trust
from assaybook.domain.waiver import Waiver
from assaybook.intake.declared import Declared
from assaybook.intake.manifest import MANIFEST
from assaybook.intake.read import Receipt
from assaybook.service.bundles import BundleFiles, Ruling, read_ruling
from assaybook.service.judge import Judgement, judged
from assaybook.service.people import read_trust, verified_evidence
from assaybook.service.read_evidence import ReadPaths, Seen, read_paths, unseen
from assaybook.service.said_of_files import usable_format
from assaybook.service.subjects import read_subject, read_system_file

LOCAL = "this check"
_NOBODY_KNOWS = (
    "it was not recognised as evidence; name its format with --as or in evidence.yaml, or let its "
    "script write assaybook/v1 JSON"
)
_MISNAMED = "a manifest is called evidence.yaml: rename it, or name it with --manifest"


@record
class CheckRequest:
    """What a pipeline asks to have judged.

    ``assurance`` is what the caller says of the origin of local files: ``self``, or ``ci`` where
    the pipeline vouches for them; every output repeats it as *asserted*. ``seen`` is told of
    files as they are read.
    """

    evidence: tuple[Path, ...]
    system: Path
    release: str
    as_of: datetime
    bundle: BundleFiles = BundleFiles()
    declared_format: str | None = None
    manifest: Path | None = None
    assurance: Assurance = Assurance.SELF
    waivers: Path | None = None
    baseline: Path | None = None
    trust: Path | None = None
    fail_on: Severity = Severity.HIGH
    seen: Seen = unseen


def check_files(request: CheckRequest) -> Judgement:
    """Read everything, judge it, and return the assessment.

    Raises:
        AssayError: a policy, overlay, scope, system, waiver or trust file cannot be read. A
            document that cannot be read is a problem in the result instead.
    """
    usable_format(request.declared_format, request.evidence)
    ruling = read_ruling(request.bundle)
    subject = read_subject(request.system, request.release)
    decided = read_decisions(
        subject.system.id,
        waivers=request.waivers,
        baseline=request.baseline,
        trust=request.trust,
    )
    read = read_local(request, subject)
    return judge_read(ruling, subject, read, decided, as_of=request.as_of, fail_on=request.fail_on)


@record
class Decided:
    """What people decided about fails, and whose signatures count."""

    trust: Trust = Trust()
    waivers: tuple[Waiver, ...] = ()
    baseline: Baseline | None = None


def read_decisions(
    system: str, *, waivers: Path | None, baseline: Path | None, trust: Path | None
) -> Decided:
    """Return what the files of waivers, of a baseline of a system and of trust say.

    Raises:
        AssayError: one of them cannot be read, or the baseline is about another system.
    """
    trusted = read_trust(trust) if trust else Trust()
    decided = Decided(trusted)
    if waivers is not None:
        from assaybook.service.waivers import read_waivers

        decided = replace(decided, waivers=read_waivers(waivers, trusted))
    if baseline is not None:
        from assaybook.service.baseline import read_baseline

        decided = replace(decided, baseline=read_baseline(baseline, trusted, system=system))
    return decided


def judge_read(  # noqa: PLR0913 - each is an input that decides
    ruling: Ruling,
    subject: Subject,
    read: ReadPaths,
    decided: Decided,
    *,
    as_of: datetime,
    fail_on: Severity,
) -> Judgement:
    """Judge what files held; what could not be read is a problem in the result."""
    judgement = judged(
        ruling,
        subject,
        with_persons(read, decided.trust),
        as_of=as_of,
        fail_on=fail_on,
        waivers=decided.waivers,
        baseline=decided.baseline,
        problems=read.problems,
        unrecognised=unrecognised(read),
    )
    return replace(judgement, files=read.files)


def only_release(system: Path) -> str:
    """Return the version of the only release of a system file.

    Raises:
        AssayError: the file cannot be read, or holds several releases.
    """
    versions = [one.version for one in read_system_file(system).releases]
    if len(versions) > 1:
        raise UsageError(
            "release-not-named",
            "the file holds several releases",
            where=str(system),
            hint=f"Name one with --release: {', '.join(versions)}.",
        )
    return versions[0]


def read_local(request: CheckRequest, subject: Subject) -> ReadPaths:
    """Read local files as one submission, received at ``as_of`` about the release asked for."""
    receipt = Receipt(received_at=request.as_of, assurance=request.assurance, submission=LOCAL)
    return read_paths(
        request.evidence,
        receipt=receipt,
        manifest=request.manifest,
        declared_format=request.declared_format,
        declared=Declared(system=subject.system.id, release=subject.release.version),
        seen=request.seen,
    )


def with_persons(read: ReadPaths, trust: Trust) -> tuple[Evidence, ...]:
    """Return the evidence with the persons of verified attestations."""
    return verified_evidence(read.evidence, read.blobs, trust)


def unrecognised(read: ReadPaths) -> tuple[Unused, ...]:
    """Return files that were met and are no evidence, as reports list them."""
    return tuple(
        Unused(evidence="", name=name, why=_MISNAMED if _is_misnamed(name) else _NOBODY_KNOWS)
        for name in read.unrecognised
    )


def _is_misnamed(name: str) -> bool:
    """Tell whether a file is meant for a manifest, which nobody reads under its name."""
    return PurePath(name).name.lower() in {MANIFEST, f"{PurePath(MANIFEST).stem}.yml"}
