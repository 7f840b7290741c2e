"""``assay bundle``: what is in force as one file, to keep, compare and sign."""

from collections.abc import Iterator
from pathlib import Path
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
from assaybook.cli.options import Globs, Overlays, Policies, ScopeFile, TrustFile

if TYPE_CHECKING:
    from assaybook.service.bundle_files import BundleFile

app = typer.Typer(no_args_is_help=True)

_File = Annotated[Path, typer.Argument(metavar="FILE", help="A bundle, plain or signed.")]
_Out = Annotated[Path, typer.Option("-o", "--out", metavar="FILE", help="Where it goes.")]
_CHANGED: Final = ("kind", "where", "before", "after")


@app.callback()
def _bundle() -> None:
    """Policies, overlays, scope and catalogs under one digest."""


@app.command("build")
def build(
    out: _Out,
    policies: Policies = None,
    globs: Globs = None,
    overlays: Overlays = None,
    scope: ScopeFile = None,
) -> None:
    """Write what is in force to one file; the same sources give the same bytes."""
    from assaybook.cli.report import verdicts_spoken
    from assaybook.service.bundle_files import written_bundle
    from assaybook.service.bundles import BundleFiles, read_ruling
    from assaybook.service.files import write_bytes

    with verdicts_spoken():
        files = BundleFiles(tuple(policies or ()), tuple(globs or ()), tuple(overlays or ()), scope)
        bundle = read_ruling(files).bundle
        write_bytes(out, written_bundle(bundle))
        typer.echo(bundle.digest)


@app.command("show")
def show(file: _File, trust: TrustFile = None, style: Style = ListingFormat.TABLE) -> None:
    """Show what a bundle holds, once its digest is what it says."""
    with errors_spoken():
        found = _read(file, trust)
        bundle = found.bundle
        head = {
            "Digest": bundle.digest,
            "Written by": found.engine,
            "Signed by": _signers(found),
            "Scope": bundle.scope.name,
            "Overlays": ", ".join(one.name for one in bundle.overlays) or "none",
            "Catalogs": ", ".join(bundle.catalogs),
        }
        rows = list(_policies(found))
        if style is ListingFormat.JSON:
            print_json({**{key.lower(): value for key, value in head.items()}, "policies": rows})
            return
        if style is not ListingFormat.CSV:
            print_fields(str(file), head, style)
        print_rows(rows, ["policy", "version", "severity", "rules", "title"], style)


@app.command("diff")
def diff(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="A bundle file.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="A bundle file.")],
    style: Style = ListingFormat.TABLE,
) -> None:
    """Say in words what a new bundle changes: rules, params, needs, controls, scope, overlays."""
    from assaybook.language.bundle_diff import bundle_changes

    with errors_spoken():
        changes = bundle_changes(_read(old, None).bundle, _read(new, None).bundle)
        rows = [{name: getattr(one, name) for name in _CHANGED} for one in changes]
        if style is ListingFormat.TABLE:
            for one in changes:
                print_fields(f"{one.kind}: {one.where}", _sides(one.before, one.after), style)
        else:
            print_rows(rows, list(_CHANGED), style)
        typer.echo(f"{len(rows)} changes", err=True)


@app.command("sign")
def sign(
    file: _File,
    person: Annotated[str, typer.Option("--person", help="Id of the person who signs.")],
    key: Annotated[Path, typer.Option("--key", help="Private key of the person (PEM).")],
    out: _Out,
) -> None:
    """Sign a bundle as a person; `show --trust` then says who stands for it."""
    from assaybook.ledger.keys import private_key
    from assaybook.service.bundle_files import signed_bundle
    from assaybook.service.files import read_bytes, write_bytes

    with errors_spoken():
        write_bytes(out, signed_bundle(file, private_key(read_bytes(key), str(key)), person))
        typer.echo(f"{person} signed {file}; the envelope is in {out}", err=True)


def _read(file: Path, trust: Path | None) -> "BundleFile":
    from assaybook.domain.trust import Trust
    from assaybook.service.bundle_files import read_bundle_file
    from assaybook.service.people import read_trust

    return read_bundle_file(file, read_trust(trust) if trust else Trust())


def _signers(found: "BundleFile") -> str:
    if not found.signed:
        return "nobody"
    return ", ".join(found.signers) or "nobody in the trust file"


def _policies(found: "BundleFile") -> Iterator[dict[str, object]]:
    for one in found.bundle.policies:
        yield {
            "policy": one.id,
            "version": one.version,
            "severity": one.severity.value,
            "rules": len(one.rules),
            "title": one.title,
        }


def _sides(before: str, after: str) -> dict[str, str]:
    return {"Before": before or "(not there)", "After": after or "(not there)"}
