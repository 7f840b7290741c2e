"""``assay evidence retire``: a person says that a source will not answer again."""

from typing import Annotated

import typer

from assaybook.cli.listing import errors_spoken
from assaybook.cli.options import Database, SystemId


def retire(  # noqa: PLR0913, PLR0917 - each is an option
    system: SystemId,
    declared_format: Annotated[str, typer.Option("--as", help="Format of its documents.")],
    person: Annotated[str, typer.Option("--person", help="Who says so.")],
    reason: Annotated[str, typer.Option("--reason", help="Why it will not answer again.")],
    tool: Annotated[str, typer.Option("--tool", help="The tool, as its documents name it.")] = "",
    dataset: Annotated[str | None, typer.Option("--dataset")] = None,
    split: Annotated[str | None, typer.Option("--split")] = None,
    path: Annotated[str | None, typer.Option("--path")] = None,
    job: Annotated[str | None, typer.Option("--job")] = None,
    database: Database = None,
) -> None:
    """Retire a source of evidence, so that its silence no longer keeps rules undecided.

    What it sent until now stops counting; the retirement and its reason stay on record.
    """
    from assaybook.cli.stored import database_of, tell
    from assaybook.domain.evidence import Scope
    from assaybook.service.retire_source import retire_source
    from assaybook.service.store_access import adding
    from assaybook.settings import now

    scope = Scope(dataset=dataset, split=split, path=path, job=job)
    with errors_spoken(), adding(database_of(database), now) as work:
        retire_source(
            work,
            system,
            format=declared_format,
            tool=tool,
            scope=scope,
            reason=reason,
            person=person,
        )
        tell(f"{declared_format} {tool} of {system} is retired by {person}")
