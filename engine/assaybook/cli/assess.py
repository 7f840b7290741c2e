"""``assay assess``: judge a registered release by the evidence in the store."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from assaybook.cli.options import (
    AsOf,
    Database,
    FailOn,
    FindingsFormat,
    Format,
    Globs,
    KeyFile,
    Outputs,
    Overlays,
    Policies,
    ReleaseVersion,
    ScopeFile,
    ServerUrl,
    SystemId,
    TrustFile,
    WaiversFile,
    instant_of,
)
from assaybook.domain.policy import Severity

if TYPE_CHECKING:
    from assaybook.service.remote import Judged


def assess(  # noqa: PLR0913, PLR0917 - each is an option
    system: SystemId,
    release: ReleaseVersion,
    policies: Policies = None,
    globs: Globs = None,
    overlays: Overlays = None,
    scope: ScopeFile = None,
    waivers: WaiversFile = None,
    trust: TrustFile = None,
    as_of: AsOf = None,
    fail_on: FailOn = Severity.HIGH,
    style: Format = FindingsFormat.TABLE,
    outputs: Outputs = None,
    database: Database = None,
    server: ServerUrl = None,
    key_file: KeyFile = None,
) -> None:
    """Judge a registered release by what was submitted, and record the assessment.

    With --server (or ASSAY_SERVER) the server judges, by its own policies. The exit codes are
    those of ``check``.
    """
    from assaybook.cli.remote import server_named
    from assaybook.cli.report import leave, prepared, verdicts_spoken, write_out
    from assaybook.cli.stored import judged_release

    with verdicts_spoken():
        targets = prepared(outputs)
        at = instant_of(as_of, "--as-of") if as_of else None
        bundle = (policies, globs, overlays, scope)
        people = {"waivers": waivers, "trust": trust}
        where = server_named(server, database)
        if where is not None:
            _refuse_ours(*bundle, waivers, trust)
            judged = _by_server(where, key_file, system, release, at, fail_on)
            write_out(judged, style, targets)
            leave(judged)
        judgement = judged_release(
            system, release, bundle=bundle, as_of=at, fail_on=fail_on, database=database, **people
        )
        write_out(judgement, style, targets)
        leave(judgement)


def _refuse_ours(*given: object) -> None:
    from assaybook.cli.remote import refuse_local

    names = ("--policies", "--policy", "--overlay", "--scope", "--waivers", "--trust")
    refuse_local(dict(zip(names, given, strict=True)))


def _by_server(  # noqa: PLR0913, PLR0917 - each is an option
    url: str,
    key_file: Path | None,
    system: str,
    release: str,
    as_of: datetime | None,
    fail_on: Severity,
) -> "Judged":
    """Have the release judged by a server, which records the assessment."""
    from assaybook.cli.remote import line_to
    from assaybook.service.remote import assess_at

    with line_to(url, key_file) as line:
        return assess_at(line, system, release, as_of=as_of, fail_on=fail_on)
