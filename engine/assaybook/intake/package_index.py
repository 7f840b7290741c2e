"""The way into an image layout: its index, manifests and configs, each of the digest it must have.

Source: OCI image specification 1.1, image layout, index and manifest.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from assaybook.domain.errors import SubmitterError
from assaybook.domain.record import record
from assaybook.intake.archive import Member, refused
from assaybook.intake.json_text import read_json
from assaybook.intake.limits import Limits
from assaybook.intake.oci import FILE_PATH, INDEX, TITLE, digest_fault, package_kind
from assaybook.intake.package_layout import INDEX_FILE, LAYOUT_FILE, Layout
from assaybook.intake.raw import decode
from assaybook.intake.values import Json, count, label, mapping, sequence

_MOST_JSON: Final = 4 * 1024 * 1024
_MOST_MANIFESTS: Final = 64
_MOST_LAYERS: Final = 4_096
_DEEPEST: Final = 3
_ALGORITHMS: Final = frozenset({"sha256", "sha512"})
_INDEXES: Final = frozenset({INDEX, "application/vnd.docker.distribution.manifest.list.v2+json"})
_PARTS: Final = ("datasets", "code", "docs")


@record
class Blob:
    """A blob as a descriptor names it; size in bytes."""

    digest: str
    size: int
    media_type: str
    title: str = ""

    @property
    def algorithm(self) -> str:
        """Return the algorithm of the digest."""
        return self.digest.partition(":")[0]

    @property
    def path(self) -> str:
        """Return where the blob stands in a layout."""
        return f"blobs/{self.digest.replace(':', '/')}"

    def check(self, size: int, hexdigest: str, where: str) -> None:
        """Compare what was read with what the descriptor says.

        Raises:
            SubmitterError: ``package-wrong-size`` or ``package-wrong-digest``.
        """
        if size != self.size:
            reason = f"{self.path} has {size} bytes, and {self.size} are stated"
            raise refused("package-wrong-size", reason, where)
        if f"{self.algorithm}:{hexdigest}" != self.digest:
            reason = f"{self.path} has the digest {self.algorithm}:{hexdigest}"
            raise refused("package-wrong-digest", reason, where)


@record
class Manifest:
    """A manifest with its config, both of the digest that they must have.

    ``config`` is the path and bytes of the config; no bytes where it is no JSON that is read.
    ``kind`` is None for a manifest of something that is not known.
    """

    blob: Blob
    raw: bytes
    kind: str | None
    config: tuple[str, bytes | None]
    kitfile: Mapping[str, Json]
    layers: tuple[Blob, ...]

    @property
    def title(self) -> str:
        """Return the name of the package, or one that no artifact has."""
        named = label(mapping(self.kitfile.get("package")).get("name"))
        return (named or f"package {self.blob.digest}")[:500]


def manifests_of(layout: Layout, where: str, limits: Limits) -> tuple[Manifest, ...]:
    """Return the manifests of a layout, through indexes in its index.

    Raises:
        SubmitterError: ``package-unknown``, ``package-incomplete``, ``package-malformed``,
            ``package-too-large``, ``package-wrong-size``, ``package-wrong-digest``, or that an
            archive or a JSON text is refused.
    """
    index = _start(layout, where, limits)
    found: dict[str, tuple[Blob, bytes]] = {}
    pending = tuple(_descriptors(index, "manifests", where))
    for _ in range(_DEEPEST):
        read = _blobs(layout, pending, where)
        inner: list[Blob] = []
        for blob in pending:
            value = _json(read[blob.digest], f"{where}!{blob.path}", limits)
            if blob.media_type in _INDEXES or "manifests" in value:
                inner += _descriptors(value, "manifests", where)
            else:
                found[blob.digest] = (blob, read[blob.digest])
        if len(found) + len(inner) > _MOST_MANIFESTS:
            raise refused("package-too-large", f"more than {_MOST_MANIFESTS} manifests", where)
        pending = tuple(inner)
    if pending:
        raise refused("package-malformed", "indexes are nested too deep", where)
    if not found:
        raise refused("package-unknown", "its index names no manifest", where)
    return tuple(_manifests(layout, found.values(), where, limits))


def _start(layout: Layout, where: str, limits: Limits) -> dict[str, Json]:
    first = {
        member.path: _whole(member, f"{where}!{member.path}")
        for member in layout.walk(frozenset({INDEX_FILE, LAYOUT_FILE}))
    }
    if INDEX_FILE not in first:
        reason = f"it is no image layout, for it has no {INDEX_FILE}"
        raise refused("package-unknown", reason, where)
    if LAYOUT_FILE not in first:
        raise refused("package-incomplete", f"it has no {LAYOUT_FILE}", where)
    said = _json(first[LAYOUT_FILE], f"{where}!{LAYOUT_FILE}", limits)
    if not (label(said.get("imageLayoutVersion")) or "").startswith("1."):
        raise refused("package-unknown", "it is no layout of version 1", where)
    return _json(first[INDEX_FILE], f"{where}!{INDEX_FILE}", limits)


def _manifests(
    layout: Layout, found: Iterable[tuple[Blob, bytes]], where: str, limits: Limits
) -> Iterator[Manifest]:
    values = [(blob, raw, _json(raw, f"{where}!{blob.path}", limits)) for blob, raw in found]
    configs = [_blob(mapping(value.get("config")), where) for _, _, value in values]
    small = [one for one in configs if one.media_type.endswith("json")]
    read = _blobs(layout, small, where)
    for (blob, raw, value), config in zip(values, configs, strict=True):
        layers = tuple(_descriptors(value, "layers", where))
        if len(layers) > _MOST_LAYERS:
            raise refused("package-too-large", f"more than {_MOST_LAYERS} layers", where)
        kind = package_kind(config.media_type, label(value.get("artifactType")) or "")
        stored = read.get(config.digest) if kind == "modelkit" else None
        place = f"{where}!{config.path}"
        kitfile = {} if stored is None else _json(stored, place, limits)
        yield Manifest(blob, raw, kind, (config.path, stored), kitfile, layers)


def part_paths(manifest: Manifest) -> dict[str, str]:
    """Return the path of each layer that the Kitfile of a package names, by the layer's digest."""
    kitfile = manifest.kitfile
    model = mapping(kitfile.get("model"))
    listed = [model, *(mapping(one) for key in _PARTS for one in sequence(kitfile.get(key)))]
    listed += [mapping(one) for one in sequence(model.get("parts"))]
    named = {blob.digest: blob.title for blob in manifest.layers if blob.title}
    for one in listed:
        digest, path = label(one.get("digest")), label(one.get("path"))
        if digest and path:
            named[digest] = path
    return named


def _descriptors(value: dict[str, Json], key: str, where: str) -> Iterator[Blob]:
    listed = value.get(key)
    if not isinstance(listed, list):
        raise refused("package-malformed", f"an index or manifest has no list of {key}", where)
    for one in listed:
        yield _blob(mapping(one), where)


def _blob(descriptor: dict[str, Json], where: str) -> Blob:
    digest = label(descriptor.get("digest")) or ""
    size, media_type = count(descriptor.get("size")), label(descriptor.get("mediaType"))
    if size is None or media_type is None or isinstance(descriptor.get("size"), str):
        raise refused("package-malformed", "a descriptor has no size or media type", where)
    fault = digest_fault(digest)
    if fault is None and digest.partition(":")[0] not in _ALGORITHMS:
        fault = f"{digest[:80]!r} is of an algorithm that is not computed here"
    if fault is not None:
        raise refused("package-malformed", fault, where)
    said = mapping(descriptor.get("annotations"))
    title = label(said.get(FILE_PATH)) or label(said.get(TITLE)) or ""
    return Blob(digest, size, media_type, title)


def _blobs(layout: Layout, wanted: Iterable[Blob], where: str) -> dict[str, bytes]:
    """Return small blobs by digest; each is read whole and is what its descriptor says."""
    by_path: dict[str, list[Blob]] = {}
    for blob in wanted:
        by_path.setdefault(blob.path, []).append(blob)
    found: dict[str, bytes] = {}
    if not by_path:
        return found
    for member in layout.walk(frozenset(by_path)):
        raw = _whole(member, f"{where}!{member.path}")
        for blob in by_path[member.path]:
            blob.check(len(raw), hashlib.new(blob.algorithm, raw).hexdigest(), where)
            found[blob.digest] = raw
    for path, (blob, *_) in by_path.items():
        if blob.digest not in found:
            raise refused("package-incomplete", f"{path} is not in it", where)
    return found


def _whole(member: Member, where: str) -> bytes:
    """Return a small file whole."""
    if member.size > _MOST_JSON:
        raise refused("package-too-large", f"it has more than {_MOST_JSON} bytes", where)
    parts: list[bytes] = []
    while part := member.read(_MOST_JSON):
        parts.append(part)
    return b"".join(parts)


def _json(raw: bytes, where: str, limits: Limits) -> dict[str, Json]:
    """Return the object of a JSON text.

    Raises:
        SubmitterError: ``package-malformed`` where it is JSON and no object, else as it is read.
    """
    value = read_json(decode(raw, where, limits), where, limits).value
    if not isinstance(value, dict):
        raise SubmitterError("package-malformed", "this is no JSON object", where=where)
    return value
