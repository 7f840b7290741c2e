"""``assay doctor``: what is missing, and how to get it."""

import typer

from assaybook.cli.listing import ListingFormat, Style, errors_spoken, print_rows
from assaybook.cli.options import Database


def doctor(
    database: Database = None,
    style: Style = ListingFormat.TABLE,
) -> None:
    """Say what this installation has and what it lacks; exit 2 where something is lacking.

    It looks at all that the environment names for a server: the database, whether it can be
    written to, the room on its disk, policies, trusted persons, issuers, and the keys of the log
    ('soon' is said of one that ends within 30 days). Where ASSAY_SERVER names a server, that is
    looked at in place of all these.
    """
    from assaybook.cli.remote import server_named
    from assaybook.service.doctor import Chosen, examine, examine_line
    from assaybook.settings import Settings, now

    with errors_spoken():
        known, server = Settings.from_environment(), server_named(None, database)
        if server is None:
            chosen = Chosen(
                database=database or known.database,
                policies=known.policies,
                overlays=known.overlays,
                scope=known.scope,
                trust=known.trust,
                oidc=known.oidc,
                keys=known.keys,
            )
            checks = examine(chosen, now)
        else:
            checks = examine_line(server, known.api_key)
        rows = [
            {"what": one.what, "state": one.state, "detail": one.detail, "remedy": one.remedy}
            for one in checks
        ]
        print_rows(rows, ["what", "state", "detail", "remedy"], style)
        if any(one.state in {"missing", "broken"} for one in checks):
            raise typer.Exit(2)
