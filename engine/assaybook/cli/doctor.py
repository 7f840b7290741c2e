"""``assay doctor``: what is missing, and how to get it."""

import typer

from assaybook.cli.listing import ListingFormat, Style, errors_spoken, print_rows
from assaybook.cli.options import Database


def doctor(
    database: Database = None,
    style: Style = ListingFormat.TABLE,
) -> None:
    """Say what this installation has and what it lacks; exit 2 where something is lacking."""
    from assaybook.service.doctor import examine
    from assaybook.settings import Settings

    with errors_spoken():
        url = database or Settings.from_environment().database
        checks = examine(url)
        rows = [
            {"what": one.what, "state": one.state, "detail": one.detail, "remedy": one.remedy}
            for one in checks
        ]
        print_rows(rows, ["what", "state", "detail", "remedy"], style)
        if any(one.state != "ok" for one in checks):
            raise typer.Exit(2)
