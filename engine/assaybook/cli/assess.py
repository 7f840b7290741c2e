"""``assay assess``: judge a registered release by the evidence in the store."""

from assaybook.cli.options import (
    AsOf,
    Database,
    FailOn,
    FindingsFormat,
    Format,
    Globs,
    Outputs,
    Overlays,
    Policies,
    ReleaseVersion,
    ScopeFile,
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
) -> None:
    """Judge a registered release by what was submitted, and record the assessment.

    The exit codes are those of ``check``.
    """
    from assaybook.cli.report import leave, prepared, verdicts_spoken, write_out
    from assaybook.cli.stored import judged_release

    with verdicts_spoken():
        targets = prepared(outputs)
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
        write_out(judgement, style, targets)
        leave(judgement)
