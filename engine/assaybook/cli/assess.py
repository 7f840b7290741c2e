"""``assay assess``: judge a registered release by the evidence in the store."""

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
    from assaybook.cli.remote import line_to, refuse_local, server_named
    from assaybook.cli.report import leave, prepared, verdicts_spoken, write_out
    from assaybook.cli.stored import judged_release
    from assaybook.service.remote import assess_at

    with verdicts_spoken():
        targets = prepared(outputs)
        instant = instant_of(as_of, "--as-of") if as_of else None
        where = server_named(server, database)
        if where is not None:
            refuse_local({"--policies": policies, "--policy": globs, "--overlay": overlays})
            refuse_local({"--scope": scope, "--waivers": waivers, "--trust": trust})
            with line_to(where, key_file) as line:
                judged = assess_at(line, system, release, as_of=instant, fail_on=fail_on)
            write_out(judged, style, targets)
            leave(judged)
        judgement = judged_release(
            system,
            release,
            bundle=(policies, globs, overlays, scope),
            waivers=waivers,
            trust=trust,
            as_of=instant,
            fail_on=fail_on,
            database=database,
        )
        write_out(judgement, style, targets)
        leave(judgement)
