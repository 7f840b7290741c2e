"""The bundle that files make: policies, overlays, scope, and the catalogs that they cite."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

from pydantic import JsonValue

from assaybook.catalogs.load import find_catalog, load_catalogs
from assaybook.catalogs.read import FILE
from assaybook.domain.canonical import digest_of
from assaybook.domain.control import Catalog
from assaybook.domain.errors import AuthorError
from assaybook.domain.fact_types import FACT_TYPES
from assaybook.domain.metrics import METRICS
from assaybook.domain.policy import Bundle, Overlay, Policy, Scope
from assaybook.domain.record import record
from assaybook.language.build import References
from assaybook.language.bundle import make_bundle, read_bundle
from assaybook.language.library import Folder, Library, load_policies
from assaybook.language.overlay import load_overlay
from assaybook.language.scope import load_scope
from assaybook.service.files import read_yaml
from assaybook.shelf import shelf


@record
class BundleFiles:
    """Where the parts of a bundle stand.

    ``policies`` empty means the shipped library; ``globs`` keeps the policies whose id matches.
    """

    policies: tuple[Path, ...] = ()
    globs: tuple[str, ...] = ()
    overlays: tuple[Path, ...] = ()
    scope: Path | None = None


@record
class Ruling:
    """A bundle with the catalogs in scope, in the order of reports."""

    bundle: Bundle
    catalogs: tuple[Catalog, ...]


def read_library(files: BundleFiles, *, with_cases: bool = False) -> Library:
    """Return the policies of the folders that were named, or those that ship.

    Raises:
        AuthorError: with every fault of every file.
    """
    folders = [Folder(path, str(path)) for path in files.policies]
    shipped = [] if folders else [Folder(shelf("policies"), "policies")]
    known = references(load_catalogs())
    return load_policies([*shipped, *folders], known, globs=files.globs, with_cases=with_cases)


def references(catalogs: Mapping[str, Catalog]) -> References:
    """Return what policies may refer to: catalogs, metrics, and facts that something yields."""
    return References(catalogs, METRICS, frozenset(FACT_TYPES))


def read_ruling(files: BundleFiles) -> Ruling:
    """Return the bundle of files.

    Raises:
        AssayError: a policy, overlay or scope cannot be read or used.
    """
    catalogs = load_catalogs()
    library = read_library(files)
    policies, known = library.policies, (*library.policies, *library.aside)
    overlays = tuple(load_overlay(read_yaml(path), policies=known) for path in files.overlays)
    scope = Scope()
    if files.scope is not None:
        scope = load_scope(read_yaml(files.scope), catalogs=catalogs, policies=known)
    if library.aside:
        overlays, scope = _narrowed(overlays, scope, frozenset(one.id for one in policies))
    used = _in_use(policies, scope, catalogs)
    digests = {one.id: _catalog_digest(one.id) for one in used}
    return Ruling(make_bundle(policies, overlays, scope, digests), used)


def recorded_ruling(written: JsonValue) -> Ruling:
    """Return the bundle that was recorded as plain values, with the catalogs that it was made for.

    Raises:
        AuthorError: ``catalog-changed``, this installation has another edition of a catalog.
        AssayError: the bundle cannot be used.
    """
    catalogs = load_catalogs()
    bundle = read_bundle(written, catalogs)
    for name, digest in bundle.catalogs.items():
        if name not in catalogs or _catalog_digest(name) != digest:
            raise AuthorError(
                "catalog-changed",
                f"the bundle was made for another edition of {name} than is installed",
                hint="Assess again by the policies as they are now.",
            )
    return Ruling(bundle, _in_use(bundle.policies, bundle.scope, catalogs))


def _in_use(
    policies: Sequence[Policy], scope: Scope, catalogs: Mapping[str, Catalog]
) -> tuple[Catalog, ...]:
    """Return the catalogs of the scope or, without one, those that are cited."""
    cited = sorted({link.catalog for policy in policies for link in policy.controls})
    return tuple(find_catalog(catalogs, name) for name in scope.frameworks or tuple(cited))


def _narrowed(
    overlays: tuple[Overlay, ...], scope: Scope, ids: frozenset[str]
) -> tuple[tuple[Overlay, ...], Scope]:
    """Return overlays and scope without what they say of policies that are not judged."""
    kept = tuple(
        replace(
            one,
            sets=tuple(each for each in one.sets if each.policy in ids),
            source=_without(one.source, "set", ids),
        )
        for one in overlays
        if any(each.policy in ids for each in one.sets)
    )
    left_out = {policy: why for policy, why in scope.left_out.items() if policy in ids}
    return kept, replace(scope, left_out=left_out, source=_without(scope.source, "left_out", ids))


def _without(source: Mapping[str, object], key: str, ids: frozenset[str]) -> dict[str, object]:
    """Return a document whose entries under a key are those about some policies."""
    entries = cast("list[dict[str, object]] | None", source.get(key))
    if entries is None:
        return dict(source)
    return {**source, key: [one for one in entries if one.get("policy") in ids]}


def _catalog_digest(catalog_id: str) -> str:
    return digest_of((shelf("controls") / catalog_id / FILE).read_bytes())
