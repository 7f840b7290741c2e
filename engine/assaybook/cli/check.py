"""``assay check``: judge files without a server."""

from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from assaybook.cli.options import (
    AsOf,
    Assured,
    BaselineFile,
    DeclaredFormat,
    EvidencePaths,
    FailOn,
    FindingsFormat,
    Format,
    Globs,
    KeyFile,
    ManifestFile,
    Organisation,
    Outputs,
    Overlays,
    PackFile,
    Policies,
    ReleaseJudged,
    ScopeFile,
    ServerUrl,
    SystemFile,
    TrustFile,
    WaiversFile,
    instant_of,
    judged_at,
)
from assaybook.domain.policy import Assurance, Severity

if TYPE_CHECKING:
    from assaybook.reporting.pdf import Press
    from assaybook.service.check import CheckRequest
    from assaybook.service.judge import Judgement
    from assaybook.service.remote import Judged


def check(  # noqa: PLR0913, PLR0917 - each is an option
    evidence: EvidencePaths = None,
    system: SystemFile = Path("system.yaml"),
    release: ReleaseJudged = None,
    policies: Policies = None,
    globs: Globs = None,
    overlays: Overlays = None,
    scope: ScopeFile = None,
    waivers: WaiversFile = None,
    baseline: BaselineFile = None,
    trust: TrustFile = None,
    declared_format: DeclaredFormat = None,
    manifest: ManifestFile = None,
    assurance: Assured = Assurance.SELF,
    as_of: AsOf = None,
    fail_on: FailOn = Severity.HIGH,
    style: Format = FindingsFormat.TABLE,
    outputs: Outputs = None,
    pack: PackFile = None,
    organisation: Organisation = "",
    server: ServerUrl = None,
    key_file: KeyFile = None,
) -> None:
    """Judge evidence files by policies: the gate of a pipeline, which records nothing.

    With --server the files are judged by the policies of that server.

    Exit 0: at least one rule passed, and nothing at or above --fail-on is open. 1: a fail. 3:
    undecided. 4: no document, no policy or nothing applicable. 5: something could not be read or
    judged. 2: the command was misused.
    """
    from assaybook.cli.report import leave, prepared, press_started, verdicts_spoken, write_out
    from assaybook.service.bundles import BundleFiles
    from assaybook.service.check import CheckRequest, only_release

    with verdicts_spoken():
        targets = prepared(outputs)
        files = BundleFiles(tuple(policies or ()), tuple(globs or ()), tuple(overlays or ()), scope)
        version = only_release(system) if release is None else release
        request = CheckRequest(tuple(evidence or ()), system, version, judged_at(as_of), files)
        request = replace(request, declared_format=declared_format, manifest=manifest)
        request = replace(request, assurance=assurance, fail_on=fail_on)
        request = replace(request, waivers=waivers, baseline=baseline, trust=trust)
        with press_started() if pack and server is None else nullcontext() as press:
            judged = _judged(request, server, key_file, as_of, pack)
            write_out(judged, style, targets)
            _pack(judged, pack, organisation, press)
        leave(judged)


def _pack(
    judged: "Judgement | Judged", pack: Path | None, organisation: str, press: "Press | None"
) -> None:
    """Write the audit pack of what was judged here, if one is wanted; no server's is."""
    from assaybook.cli.report import write_pdf
    from assaybook.service.judge import Judgement

    if pack is not None and press is not None and isinstance(judged, Judgement):
        write_pdf(judged, pack, organisation, press)


def _judged(
    request: "CheckRequest",
    server: str | None,
    key_file: Path | None,
    as_of: str | None,
    pack: Path | None,
) -> "Judgement | Judged":
    """Judge the files here or by a server, which reads its own clock unless an instant is named."""
    if server is None:
        from assaybook.cli.progress import files_shown
        from assaybook.service.check import check_files

        with files_shown("reading", request.evidence) as seen:
            return check_files(replace(request, seen=seen))
    from assaybook.cli.remote import judged_at_server, refuse_local

    refuse_local({"--pack": pack})
    instant = instant_of(as_of, "--as-of") if as_of else None
    return judged_at_server(server, key_file, request, as_of=instant)
