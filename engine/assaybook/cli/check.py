"""``assay check``: judge files without a server."""

from pathlib import Path
from typing import Annotated

import typer

from assaybook.cli.options import (
    AsOf,
    Assured,
    FailOn,
    FindingsFormat,
    Format,
    Globs,
    Organisation,
    Overlays,
    PackFile,
    Policies,
    ScopeFile,
    TrustFile,
    WaiversFile,
    instant_of,
)
from assaybook.domain.policy import Assurance, Severity


def check(  # noqa: PLR0913, PLR0917 - each is an option
    evidence: Annotated[
        list[Path] | None, typer.Argument(metavar="EVIDENCE...", help="Files and folders.")
    ] = None,
    system: Annotated[
        Path, typer.Option("--system", metavar="FILE", help="The system and its releases.")
    ] = Path("system.yaml"),
    release: Annotated[
        str | None, typer.Option("--release", metavar="VERSION", help="The release to judge.")
    ] = None,
    policies: Policies = None,
    globs: Globs = None,
    overlays: Overlays = None,
    scope: ScopeFile = None,
    waivers: WaiversFile = None,
    trust: TrustFile = None,
    declared_format: Annotated[
        str | None, typer.Option("--as", metavar="FORMAT", help="Format of the files.")
    ] = None,
    manifest: Annotated[
        Path | None, typer.Option("--manifest", metavar="FILE", help="What the files do not say.")
    ] = None,
    assurance: Assured = Assurance.SELF,
    as_of: AsOf = None,
    fail_on: FailOn = Severity.HIGH,
    style: Format = FindingsFormat.TABLE,
    pack: PackFile = None,
    organisation: Organisation = "",
) -> None:
    """Judge evidence files by policies: the gate of a pipeline, without a server.

    Exit 0: at least one rule passed, and nothing at or above --fail-on is open. 1: a fail. 3:
    undecided. 4: no document, no policy or nothing applicable. 5: something could not be read or
    judged. 2: the command was misused.
    """
    from assaybook.cli.report import leave, verdicts_spoken, write_out, write_pdf
    from assaybook.service.bundles import BundleFiles
    from assaybook.service.check import CheckRequest, check_files, only_release
    from assaybook.settings import now

    with verdicts_spoken():
        request = CheckRequest(
            evidence=tuple(evidence or ()),
            system=system,
            release=release or only_release(system),
            as_of=instant_of(as_of, "--as-of") if as_of else now(),
            bundle=BundleFiles(
                tuple(policies or ()), tuple(globs or ()), tuple(overlays or ()), scope
            ),
            declared_format=declared_format,
            manifest=manifest,
            assurance=assurance,
            waivers=waivers,
            trust=trust,
            fail_on=fail_on,
        )
        judgement = check_files(request)
        write_out(judgement, style)
        if pack is not None:
            write_pdf(judgement, pack, organisation)
        leave(judgement)
