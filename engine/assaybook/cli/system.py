"""``assay system``: register systems and releases, and see what is registered."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from assaybook.cli.listing import (
    ListingFormat,
    Style,
    errors_spoken,
    plain,
    print_fields,
    print_json,
    print_rows,
)
from assaybook.cli.options import Database, KeyFile, ServerUrl
from assaybook.cli.stored import database_of, tell
from assaybook.domain.errors import UsageError
from assaybook.domain.ids import written
from assaybook.settings import now

if TYPE_CHECKING:
    from assaybook.domain.subject import Release, System
    from assaybook.service.register_system import SystemShown
    from assaybook.service.remote_register import Registered
    from assaybook.store.subjects import ReleaseRecord, SystemRecord

app = typer.Typer(no_args_is_help=True)

_SYSTEMS: Final = {
    "system": "System",
    "name": "Name",
    "owner": "Owner",
    "risk_tier": "Risk tier",
    "lifecycle": "Lifecycle",
    "version": "Record",
    "since": "Since",
}
_RELEASES: Final = {
    "release": "Release",
    "stage": "Stage",
    "baseline": "Baseline",
    "artifacts": "Artifacts",
    "version": "Record",
    "registered": "Registered",
    "since": "Since",
}
_HISTORY: Final = {"version": "Record", "since": "Since", "person": "Person", "reason": "Reason"}

_File = Annotated[Path, typer.Argument(metavar="FILE", help="A system.yaml.")]
_Person = Annotated[str, typer.Option("--person", help="Who registers or changes it.")]
_Reason = Annotated[str, typer.Option("--reason", help="Why it changes.")]


@app.callback()
def _system() -> None:
    """Register systems and releases, and see what is registered."""


@app.command("add")
def add(  # noqa: PLR0913, PLR0917 - one argument for each option
    file: _File,
    person: _Person = "",
    reason: _Reason = "",
    database: Database = None,
    server: ServerUrl = None,
    key_file: KeyFile = None,
    style: Style = ListingFormat.TABLE,
) -> None:
    """Register the system of a file and its releases, or what has changed of them.

    With --server (or ASSAY_SERVER) at a server, in the name of whoever the key stands for.
    """
    from assaybook.cli.remote import server_named
    from assaybook.service.register_system import (
        read_system,
        register_releases,
        register_system,
    )
    from assaybook.service.store_access import writing

    with errors_spoken():
        system, releases = read_system(file)
        where = server_named(server, database)
        if where is not None:
            there = _registered(where, key_file, system, releases, person, reason, with_it=True)
            _print_system(there.system, there.releases, style)
            return
        with writing(database_of(database), now, tell) as work:
            record = register_system(work, system, person=person, reason=reason)
            done = register_releases(work, system.id, releases, person=person, reason=reason)
            instants = [record.at, *(one.at for one in done)]
            new = instants.count(work.now)
        tell(_told("recorded {} of {}", new, 1 + len(done), "as they were"))
        _print_system(record, done, style)


@app.command("release")
def release(  # noqa: PLR0913, PLR0917 - one argument for each option
    file: _File,
    version: Annotated[
        list[str] | None,
        typer.Option("--release", metavar="V", help="Only this release; repeatable."),
    ] = None,
    person: _Person = "",
    reason: _Reason = "",
    database: Database = None,
    server: ServerUrl = None,
    key_file: KeyFile = None,
    style: Style = ListingFormat.TABLE,
) -> None:
    """Register releases of a file, and leave the record of the system as it is.

    With --server (or ASSAY_SERVER) at a server: what a pipeline does before it submits.
    """
    from assaybook.cli.remote import server_named
    from assaybook.service.register_system import read_system, register_releases
    from assaybook.service.store_access import adding

    with errors_spoken():
        system, releases = read_system(file)
        chosen = _chosen(releases, version, str(file))
        where = server_named(server, database)
        if where is not None:
            there = _registered(where, key_file, system, chosen, person, reason, with_it=False)
            print_rows([_release_row(one) for one in there.releases], _RELEASES, style)
            return
        with adding(database_of(database), now) as work:
            done = register_releases(work, system.id, chosen, person=person, reason=reason)
            new = [one for one in done if one.at == work.now]
        tell(_told("recorded {} of {}", len(new), len(done), "as they were"))
        print_rows([_release_row(one) for one in done], _RELEASES, style)


@app.command("list")
def list_registered(  # noqa: PLR0913, PLR0917 - one argument for each option
    after: Annotated[
        str | None, typer.Option("--after", metavar="ID", help="Only those that follow this id.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", help="At most so many, up to 1000.")] = 100,
    database: Database = None,
    server: ServerUrl = None,
    key_file: KeyFile = None,
    style: Style = ListingFormat.TABLE,
) -> None:
    """List the registered systems in order of id."""
    from assaybook.cli.remote import line_to, server_named
    from assaybook.service.register_system import registered_systems
    from assaybook.service.remote_register import systems_at
    from assaybook.service.store_access import reading

    with errors_spoken():
        where = server_named(server, database)
        if where is not None:
            with line_to(where, key_file) as line:
                page = systems_at(line, after=after, limit=limit)
        else:
            with reading(database_of(database)) as store:
                page = registered_systems(store, after=after, limit=limit)
        print_rows([_system_row(one) for one in page.items], _SYSTEMS, style)
        if page.next is not None:
            tell(f"There are more: assay system list --after {page.next}")


@app.command("show")
def show(
    system: Annotated[str, typer.Argument(metavar="ID", help="Id of the system.")],
    database: Database = None,
    server: ServerUrl = None,
    key_file: KeyFile = None,
    style: Style = ListingFormat.TABLE,
) -> None:
    """Show one system: its record, who changed it and why, and its releases."""
    from assaybook.cli.remote import line_to, server_named
    from assaybook.service.register_system import show_system
    from assaybook.service.remote_register import system_at
    from assaybook.service.store_access import reading

    with errors_spoken():
        where = server_named(server, database)
        if where is not None:
            with line_to(where, key_file) as line:
                found = system_at(line, system)
        else:
            with reading(database_of(database)) as store:
                found = show_system(store, system)
        _print_shown(found, style)


def _told(words: str, new: int, of: int, others: str) -> str:
    """Return how many records are new, and what the others are, if there are any."""
    return words.format(new, of) + (f"; the others are {others}" if new < of else "")


def _registered(  # noqa: PLR0913, PLR0917 - what is registered, where, by whom and why
    url: str,
    key_file: Path | None,
    system: "System",
    releases: Sequence["Release"],
    person: str,
    reason: str,
    *,
    with_it: bool,
) -> "Registered":
    """Register at a server, and say what was new to it."""
    from assaybook.cli.remote import line_to, refuse_local
    from assaybook.service.remote_register import register_at

    refuse_local({"--person": person})
    with line_to(url, key_file) as line:
        done = register_at(line, system, releases, reason=reason, and_system=with_it)
    of = len(done.releases) + with_it
    tell(_told("{} of {} were new to the server", done.new, of, "as the file says"))
    return done


def _chosen(
    releases: Sequence["Release"], versions: list[str] | None, where: str
) -> list["Release"]:
    known = {one.version: one for one in releases}
    missing = [version for version in versions or () if version not in known]
    if missing:
        raise UsageError(
            "release-unknown",
            f"there is no release {missing[0]!r} in the file",
            where=where,
            hint=f"There are: {', '.join(known)}.",
        )
    return [known[version] for version in versions] if versions else list(releases)


def _print_system(
    record: "SystemRecord | None", releases: Sequence["ReleaseRecord"], style: ListingFormat
) -> None:
    if style is ListingFormat.JSON:
        whole = {} if record is None else record.model_dump(mode="json")
        print_json(whole | {"releases": [one.model_dump(mode="json") for one in releases]})
        return
    print_rows([_release_row(one) for one in releases], _RELEASES, style)


def _print_shown(found: "SystemShown", style: ListingFormat) -> None:
    if style is ListingFormat.JSON:
        print_json(found.model_dump(mode="json"))
        return
    if style is not ListingFormat.CSV:
        record = found.record.system.model_dump(mode="json")
        told = {name.replace("_", " "): plain(value) for name, value in record.items()}
        print_fields(found.record.system.id, told, style)
        history = [
            {
                "version": one.version,
                "since": written(one.at),
                "person": one.person,
                "reason": one.reason,
            }
            for one in found.history
        ]
        print_rows(history, _HISTORY, style)
        typer.echo()
    print_rows([_release_row(one) for one in found.releases], _RELEASES, style)


def _system_row(one: "SystemRecord") -> dict[str, object]:
    record = one.system
    return {
        "system": record.id,
        "name": record.name,
        "owner": record.owner,
        "risk_tier": record.risk_tier,
        "lifecycle": record.lifecycle,
        "version": one.version,
        "since": written(one.at),
    }


def _release_row(one: "ReleaseRecord") -> dict[str, object]:
    record = one.release
    return {
        "release": record.version,
        "stage": record.stage,
        "baseline": record.baseline,
        "artifacts": [f"{each.kind} {each.name}" for each in record.artifacts],
        "version": one.version,
        "registered": written(one.registered_at),
        "since": written(one.at),
    }
