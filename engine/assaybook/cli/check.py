"""``assay check``: judge files without a server."""

from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

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
    Target,
    TrustFile,
    WaiversFile,
    instant_of,
    judged_at,
)
from assaybook.domain.finding import Outcome
from assaybook.domain.policy import Assurance, Severity

if TYPE_CHECKING:
    from assaybook.service.bundles import BundleFiles
    from assaybook.service.check import CheckRequest
    from assaybook.service.judge import Judgement
    from assaybook.service.remote import Judged

_UNANSWERED: Final = frozenset({"missing", "no_match", "not_examined"})


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
    from assaybook.cli.report import leave, prepared, verdicts_spoken, write_out
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
        if server is None:
            leave(_judged_here(request, style, targets, pack, organisation))
        judged = _judged_there(request, server, key_file, as_of, pack)
        write_out(judged, style, targets)
        leave(judged)


def _judged_here(
    request: "CheckRequest",
    style: FindingsFormat,
    targets: tuple[Target, ...],
    pack: Path | None,
    organisation: str,
) -> "Judgement":
    """Judge the files and write what is wanted of it: reports, the pack, and what to do next."""
    from assaybook.cli.progress import files_shown
    from assaybook.cli.report import press_started, write_out, write_pdf
    from assaybook.service.check import check_files

    with press_started() if pack else nullcontext() as press:
        with files_shown("reading", request.evidence) as seen:
            judged = check_files(replace(request, seen=seen))
        write_out(judged, style, targets)
        if pack is not None and press is not None:
            write_pdf(judged, pack, organisation, press)
    if style is FindingsFormat.TABLE and not judged.problems:
        _tell_formats(judged, request.bundle)
    return judged


def _judged_there(
    request: "CheckRequest",
    server: str,
    key_file: Path | None,
    as_of: str | None,
    pack: Path | None,
) -> "Judged":
    """Have a server judge the files, which reads its own clock unless an instant is named."""
    from assaybook.cli.remote import judged_at_server, refuse_local

    refuse_local({"--pack": pack})
    instant = instant_of(as_of, "--as-of") if as_of else None
    return judged_at_server(server, key_file, request, as_of=instant)


def _tell_formats(judged: "Judgement", files: "BundleFiles") -> None:
    """Say on stderr which formats would answer what nobody answered, by policy."""
    from assaybook.cli.stored import tell
    from assaybook.service.policies import formats_for

    policies = {each.id: each for each in judged.bundle.policies}
    lacking: dict[str, set[str]] = {}
    for one in judged.assessment.findings:
        codes = {each.code for each in one.reasons}
        if one.outcome is Outcome.INCONCLUSIVE and codes & _UNANSWERED:
            needs = {each.need for each in one.needs if not each.rows}
            lacking.setdefault(one.policy, set()).update(needs)
    told = [
        f"  {name}{f' ({need})' if len(needs) > 1 else ''}: {', '.join(formats)}"
        for name, needs in lacking.items()
        for need, asked in policies[name].needs.items()
        if need in needs and (formats := formats_for(asked, policies[name].params))
    ]
    if told:
        folders = "".join(f" --policies {each}" for each in files.policies)
        more = f"assay policy show {next(iter(lacking))}{folders}"
        lines = "\n".join(told)
        tell(f"Formats that would answer what is missing ({more} says more):\n{lines}")
