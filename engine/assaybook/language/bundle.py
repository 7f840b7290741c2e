"""Bundles: policies, overlays, scope and catalogs under one digest."""

from collections.abc import Mapping, Sequence
from typing import Final

from pydantic import JsonValue

from assaybook.domain.canonical import canonical, digest_of
from assaybook.domain.control import Catalog
from assaybook.domain.errors import AuthorError
from assaybook.domain.metrics import METRICS
from assaybook.domain.policy import Bundle, Overlay, Policy, Scope
from assaybook.language.build import References, build_policy
from assaybook.language.overlay import load_overlay
from assaybook.language.scope import load_scope
from assaybook.language.source import source_of

KIND: Final = "assaybook/bundle/v1"
_PLACE: Final = "bundle"


def make_bundle(
    policies: Sequence[Policy],
    overlays: Sequence[Overlay],
    scope: Scope,
    catalogs: Mapping[str, str],
) -> Bundle:
    """Return a bundle with its digest.

    Policies stand in the order of their ids, because their order decides nothing; overlays stay
    in theirs. ``catalogs`` maps the id of each catalog in use to the digest of its file.
    """
    ordered = tuple(sorted(policies, key=lambda policy: policy.id))
    bundle = Bundle(ordered, tuple(overlays), scope, dict(sorted(catalogs.items())), "")
    digest = digest_of(canonical(bundle_json(bundle)))
    return Bundle(bundle.policies, bundle.overlays, scope, bundle.catalogs, digest)


def bundle_json(bundle: Bundle) -> dict[str, JsonValue]:
    """Return what the digest of a bundle covers, as plain values."""
    return {
        "kind": KIND,
        "policies": [_plain(policy.source) for policy in bundle.policies],
        "overlays": [_plain(overlay.source) for overlay in bundle.overlays],
        "scope": _plain(bundle.scope.source),
        "catalogs": dict(bundle.catalogs),
    }


def read_bundle(written: JsonValue, catalogs: Mapping[str, Catalog]) -> Bundle:
    """Return the bundle that ``bundle_json`` wrote, parsed and checked again.

    The metrics are those of this installation: in the sentence of a rule, a limit is written as
    the unit of its metric wants it.

    Raises:
        AuthorError: ``bundle-malformed``, or a policy, overlay or scope in it cannot be used.
    """
    parts = _parts(written)
    known = References(catalogs, METRICS)
    policies = [
        build_policy(source_of(each, f"{_PLACE}/policies/{index}"), known)
        for index, each in enumerate(_documents(parts, "policies"))
    ]
    overlays = [
        load_overlay(source_of(each, f"{_PLACE}/overlays/{index}"), policies=policies)
        for index, each in enumerate(_documents(parts, "overlays"))
    ]
    scope, digests = parts["scope"], parts["catalogs"]
    if not isinstance(scope, dict) or not isinstance(digests, dict):
        raise _malformed("scope and catalogs must be mappings")
    place = f"{_PLACE}/scope"
    read = (
        load_scope(source_of(scope, place), catalogs=catalogs, policies=policies)
        if scope
        else Scope()
    )
    return make_bundle(policies, overlays, read, {name: str(d) for name, d in digests.items()})


def _parts(written: JsonValue) -> Mapping[str, JsonValue]:
    wanted = {"kind", "policies", "overlays", "scope", "catalogs"}
    if not isinstance(written, dict) or set(written) != wanted:
        raise _malformed(f"a bundle has the keys {', '.join(sorted(wanted))} and no other")
    try:
        canonical(written)
    except ValueError as error:
        reason = "a number in it is beyond 2**53, or a text is no Unicode"
        raise _malformed(reason) from error
    if written["kind"] != KIND:
        raise _malformed(f"its kind is {written['kind']!r}, not {KIND!r}")
    return written


def _documents(parts: Mapping[str, JsonValue], key: str) -> list[dict[str, JsonValue]]:
    listed = parts[key]
    if not isinstance(listed, list):
        raise _malformed(f"{key} must be a list")
    documents = [each for each in listed if isinstance(each, dict)]
    if len(documents) != len(listed):
        raise _malformed(f"{key} must be a list of mappings")
    return documents


def _malformed(message: str) -> AuthorError:
    return AuthorError("bundle-malformed", message, where=_PLACE)


def _plain(source: Mapping[str, object]) -> JsonValue:
    # A source is made of plain JSON values; its type only says less.
    return dict(source)  # type: ignore[arg-type]  # pyright: ignore[reportReturnType]
