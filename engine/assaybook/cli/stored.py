"""What commands on the store share: open it, judge a release in it."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from assaybook.domain.errors import UsageError
from assaybook.domain.policy import Severity
from assaybook.settings import Settings, now

if TYPE_CHECKING:
    from assaybook.service.judge import Judgement

Parts = tuple[list[Path] | None, list[str] | None, list[Path] | None, Path | None]


def tell(words: str) -> None:
    """Say something on stderr."""
    typer.echo(words, err=True)


def database_of(option: str | None) -> str:
    """Return the database that an option, or else the environment, names.

    Raises:
        UsageError: ``store-not-named``: the environment names a server, and what is here need not
            be what that holds.
    """
    if option:
        return option
    settings = Settings.from_environment()
    if settings.server is not None:
        raise UsageError(
            "store-not-named",
            "it names a server, and this command looks into a store on this machine",
            where="ASSAY_SERVER",
            hint="Name the store by --database, or unset ASSAY_SERVER. A server is asked over HTTP:"
            " what it can tell and do stands at /docs of it.",
        )
    return settings.database


def judged_release(  # noqa: PLR0913 - each is an option of the command
    system: str,
    release: str,
    *,
    bundle: Parts,
    waivers: Path | None,
    trust: Path | None,
    as_of: datetime | None,
    fail_on: Severity,
    database: str | None,
) -> "Judgement":
    """Judge a release in the store and record the assessment.

    Raises:
        AssayError: a file or the database cannot be used, or the release is not known.
    """
    from assaybook.domain.trust import Trust
    from assaybook.service.bundles import BundleFiles, read_ruling
    from assaybook.service.people import read_trust
    from assaybook.service.run_assessment import run_assessment
    from assaybook.service.store_access import adding
    from assaybook.service.waivers import read_waivers

    policies, globs, overlays, scope = bundle
    files = BundleFiles(tuple(policies or ()), tuple(globs or ()), tuple(overlays or ()), scope)
    ruling = read_ruling(files)
    people = read_trust(trust) if trust else Trust()
    accepted = read_waivers(waivers, people) if waivers else ()
    with adding(database_of(database), now) as work:
        return run_assessment(
            work, system, release, ruling, fail_on=fail_on, as_of=as_of, waivers=accepted
        ).judgement
