"""``assay pack``: audit packs of releases in the store."""

from pathlib import Path
from typing import Annotated

import typer

from assaybook.cli.options import (
    AsOf,
    Database,
    FailOn,
    Globs,
    Organisation,
    Overlays,
    Policies,
    ReleaseVersion,
    ScopeFile,
    SystemId,
    TrustFile,
    WaiversFile,
    instant_of,
)
from assaybook.cli.pack_diff import diff
from assaybook.domain.policy import Severity

app = typer.Typer(no_args_is_help=True)
app.command("diff")(diff)


@app.callback()
def _pack() -> None:
    """Audit packs."""


@app.command("build")
def build(  # noqa: PLR0913, PLR0917 - each is an option
    system: SystemId,
    release: ReleaseVersion,
    out: Annotated[Path, typer.Option("-o", "--out", metavar="FILE.pdf", help="Where it goes.")],
    policies: Policies = None,
    globs: Globs = None,
    overlays: Overlays = None,
    scope: ScopeFile = None,
    waivers: WaiversFile = None,
    trust: TrustFile = None,
    as_of: AsOf = None,
    fail_on: FailOn = Severity.HIGH,
    organisation: Organisation = "",
    database: Database = None,
) -> None:
    """Judge a release as of an instant, record the assessment, and write it as a PDF."""
    from assaybook.cli.report import verdicts_spoken, write_pdf
    from assaybook.cli.stored import judged_release

    with verdicts_spoken():
        judgement = judged_release(
            system,
            release,
            bundle=(policies, globs, overlays, scope),
            waivers=waivers,
            trust=trust,
            as_of=instant_of(as_of, "--as-of") if as_of else None,
            fail_on=fail_on,
            database=database,
        )
        write_pdf(judgement, out, organisation)
