"""``assay pack sample``: documents for an auditor to look at, drawn so that it can be repeated."""

from typing import TYPE_CHECKING, Annotated, Final

import typer

from assaybook.cli.listing import (
    ListingFormat,
    Style,
    errors_spoken,
    print_fields,
    print_json,
    print_rows,
)
from assaybook.cli.options import AsOf, Database, ReleaseVersion, SystemId, judged_at

if TYPE_CHECKING:
    from assaybook.service.pack_sample import Sample

_COLUMNS: Final = {
    "number": "No.",
    "evidence": "Evidence",
    "name": "File",
    "format": "Format",
    "received_at": "Received",
    "seq": "Log",
    "left_out": "Left out as",
    "blob": "Digest of its bytes",
}


def sample(  # noqa: PLR0913, PLR0917 - each is an option
    system: SystemId,
    release: ReleaseVersion,
    control: Annotated[
        str, typer.Option("--control", metavar="ID", help="Id, slug or alias of a control.")
    ],
    seed: Annotated[
        int, typer.Option("--seed", metavar="N", help="Any number; the auditor's own is best.")
    ],
    size: Annotated[int, typer.Option("--size", metavar="K", help="How many documents.")],
    catalog: Annotated[str | None, typer.Option("--catalog", help="Id of its catalog.")] = None,
    as_of: AsOf = None,
    style: Style = ListingFormat.TABLE,
    database: Database = None,
) -> None:
    """Draw documents from the evidence behind a control, by the newest assessment of a release.

    The same seed draws the same documents, on any machine and database, and each can be checked
    by hand: its lot is the SHA-256 of the seed, a line feed and its id; the least lots are drawn.
    """
    from assaybook.cli.stored import database_of
    from assaybook.service.pack_sample import draw_sample
    from assaybook.service.store_access import reading

    with errors_spoken(), reading(database_of(database)) as store:
        found = draw_sample(
            store,
            system,
            release,
            control,
            seed=seed,
            size=size,
            as_of=judged_at(as_of),
            catalog=catalog,
        )
    _write(found, style)
    typer.echo(f"{len(found.documents)} of {found.population} documents drawn", err=True)


def _write(found: "Sample", style: ListingFormat) -> None:
    if style is ListingFormat.JSON:
        print_json(found.model_dump(mode="json"))
        return
    if style is not ListingFormat.CSV:
        fields = {
            "Control": f"{found.catalog} {found.control}",
            "Assessment": found.assessment,
            "As of": found.as_of.isoformat(),
            "Seed": str(found.seed),
            "Population": f"{found.population} documents, {found.population_digest}",
            "How": found.how,
        }
        print_fields(f"{found.system} {found.release}", fields, style)
    rows = [
        {**one.model_dump(mode="json"), "number": number, "left_out": ", ".join(one.left_out)}
        for number, one in enumerate(found.documents, 1)
    ]
    columns = {**_COLUMNS, "lot": "Lot"} if style is ListingFormat.CSV else _COLUMNS
    print_rows(rows, columns, style)
