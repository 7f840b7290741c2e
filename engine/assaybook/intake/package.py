"""Packages: a ModelKit or another OCI image layout, read as evidence without unpacking it.

The index leads to manifests, a manifest to its config and layers. Every digest and size on the
way is computed while the bytes stream by, and one that is wrong refuses the whole package. Cards,
metrics and other reports in the layers are read by the same adapters as loose files, each as a
document of its own; models, data and code are hashed and never loaded.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field, replace
from typing import Final

from assaybook.domain.documents import Evidence, Problem, problem_of
from assaybook.domain.errors import SubmitterError
from assaybook.domain.evidence import AboutArtifact
from assaybook.domain.facts import ArtifactFact
from assaybook.domain.record import draft, record
from assaybook.intake.adapter import recorded_all
from assaybook.intake.archive import ArchiveLimits, Budget, Member, refused
from assaybook.intake.declared import Declared
from assaybook.intake.limits import Limits
from assaybook.intake.oci import layer_type
from assaybook.intake.package_index import Blob, Manifest, manifests_of, part_paths
from assaybook.intake.package_layer import Found, Layer, read_layer
from assaybook.intake.package_layout import Layout, Source, layout_of
from assaybook.intake.read import Opened, Receipt, open_document
from assaybook.intake.values import pointer, short

_FORMATS: Final = ("modelkit-manifest", "kitops")
"""Formats that a package may be declared as; what is in it is told by its content."""
_NOT_EVIDENCE: Final = frozenset({"format-unknown"})
_LEAST_CONFIDENCE: Final = 0.5
_OWN_SUBJECT: Final = frozenset({"dsse", "assaybook-signed"})
"""Formats whose documents say by digest what they are about; nothing is added to a signature."""
_MOST_ABOUT: Final = 50
_MOST_NAMED: Final = 200
_CHUNK: Final = 1 << 20


@record
class PackageFile:
    """A document of a package, named ``package!path``."""

    file: str
    opened: Opened


@record
class PackageRead:
    """What a package held.

    Attributes:
        documents: its manifests, its Kitfile, and the reports in its layers.
        problems: files in it that are evidence and could not be read.
        unrecognised: other files in it, the first two hundred and a count of the rest.
    """

    documents: tuple[PackageFile, ...]
    problems: tuple[Problem, ...]
    unrecognised: tuple[str, ...]


def open_package(  # noqa: PLR0913 - each is a fact about the submission that somebody must state
    source: Source,
    *,
    name: str,
    declared: Sequence[Declared],
    receipt: Receipt,
    limits: Limits,
    bounds: ArchiveLimits = ArchiveLimits(),  # noqa: B008 - immutable
) -> PackageRead:
    """Read a package from a folder, a file, or bytes that were received.

    What was declared of the package holds for each document in it where it names the system, the
    release or a time; the digests of the package and of what it holds are added.

    Raises:
        SubmitterError: the package or an archive in it is refused (``package-*``, ``archive-*``).
    """
    said = next((one.format for one in declared if one.format), None)
    if said not in {None, *_FORMATS}:
        raise SubmitterError(
            "format-contradicted",
            f"it was submitted as {said}, and it is a package",
            where=name,
            hint="Correct the manifest or the flag; what is in a package says what it is.",
        )
    layout = layout_of(source, name, bounds)
    manifests = manifests_of(layout, name, limits)
    layers = _layers(layout, manifests, name, Budget(bounds, name), limits)
    reading = _Reading(name, tuple(_kept(one) for one in declared), receipt, limits)
    for manifest in manifests:
        reading.package(manifest, layers)
    reading.unrecognised += [f"{name}!{other}" for other in layout.others()]
    return reading.result()


def _kept(declared: Declared) -> Declared:
    """Return what of a declaration can hold for every document of a package."""
    return Declared(
        system=declared.system,
        release=declared.release,
        artifacts=declared.artifacts,
        produced_at=declared.produced_at,
        file_time=declared.file_time,
        observed_at=declared.observed_at,
    )


def _layers(
    layout: Layout, manifests: Sequence[Manifest], where: str, budget: Budget, limits: Limits
) -> Mapping[str, Layer]:
    """Return every layer by its digest, each of them hashed, and opened where it is a part."""
    wanted: dict[str, list[Blob]] = {}
    for blob in (blob for manifest in manifests for blob in manifest.layers):
        wanted.setdefault(blob.path, []).append(blob)
    found: dict[str, Layer] = {}
    for member in layout.walk(frozenset(wanted)):
        meant = wanted[member.path]
        blob = next((one for one in meant if layer_type(one.media_type).opened), meant[0])
        hashed = _Hashed(member, blob.algorithm)
        try:
            found[blob.digest] = read_layer(hashed, blob, where, budget, limits)
        finally:  # that a layer is not the one that is meant says more than what is wrong in it
            while hashed.read(_CHUNK):
                pass
            for one in meant:
                one.check(member.size, hashed.hexdigest(), where)
    for path, (blob, *_) in wanted.items():
        if blob.digest not in found:
            raise refused("package-incomplete", f"{path} is not in it", where)
    return found


class _Hashed:
    """A reader that computes a digest of what is read through it."""

    def __init__(self, source: Member, algorithm: str) -> None:
        self._source = source
        self._hash = hashlib.new(algorithm)

    def read(self, size: int, /) -> bytes:
        found = self._source.read(size)
        self._hash.update(found)
        return found

    def hexdigest(self) -> str:
        return self._hash.hexdigest()


@draft
class _Reading:
    """What is read out of the packages of one layout."""

    name: str
    declared: tuple[Declared, ...]
    receipt: Receipt
    limits: Limits
    documents: list[PackageFile] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unrecognised: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def package(self, manifest: Manifest, layers: Mapping[str, Layer]) -> None:
        paths = part_paths(manifest)
        mine = [layers[blob.digest] for blob in manifest.layers]
        about = tuple(_about(manifest, mine, paths))[:_MOST_ABOUT]
        computed = frozenset(blob.digest for blob in manifest.layers)
        held = tuple(_held(mine))
        self._document(Found(manifest.blob.path, manifest.raw), about, computed, held)
        path, raw = manifest.config
        if raw is None:
            self.unrecognised.append(f"{self.name}!{path}")
        else:
            self._document(Found(path, raw), about, computed)
        for layer in mine:
            for found in layer.documents:
                self._document(found, about)
            if layer.unopened:
                self.problems.append(self._unopened(layer))
            else:
                self.unrecognised += [f"{self.name}!{path}" for path in layer.others]

    def _unopened(self, layer: Layer) -> Problem:
        file = f"{self.name}!{layer.others[0]}"
        return Problem(
            file=file,
            code="layer-not-opened",
            where=file,
            message=f"the layer is packed as {layer.unopened[:200]}, which cannot be opened",
            hint="Pack the model again as tar+gzip or tar, or submit the files that are in it.",
        )

    def _document(
        self,
        found: Found,
        about: tuple[AboutArtifact, ...],
        computed: frozenset[str] = frozenset(),
        held: tuple[ArtifactFact, ...] = (),
    ) -> None:
        file = f"{self.name}!{found.path}"
        if file in self.seen and found.path.startswith("blobs/"):
            return
        self.seen.add(file)
        try:
            opened = self._open(found, file, about)
        except SubmitterError as error:
            if error.code in _NOT_EVIDENCE:
                self.unrecognised.append(file)
            else:
                self.problems.append(problem_of(file, error))
            return
        if opened.detected.confidence < _LEAST_CONFIDENCE:
            self.unrecognised.append(file)
            return
        evidence = tuple(_computed(one, computed, held) for one in opened.evidence)
        self.documents.append(PackageFile(file, replace(opened, evidence=evidence)))

    def _open(self, found: Found, file: str, about: tuple[AboutArtifact, ...]) -> Opened:
        opened = self._read(found, file, about)
        return self._read(found, file, ()) if opened.detected.format in _OWN_SUBJECT else opened

    def _read(self, found: Found, file: str, about: tuple[AboutArtifact, ...]) -> Opened:
        said = (Declared(), *self.declared, Declared(artifacts=about))
        return open_document(
            found.raw, name=short(file), declared=said, receipt=self.receipt, limits=self.limits
        )

    def result(self) -> PackageRead:
        named, rest = self.unrecognised[:_MOST_NAMED], self.unrecognised[_MOST_NAMED:]
        more = (f"{self.name}!... and {len(rest)} more files",) if rest else ()
        return PackageRead(tuple(self.documents), tuple(self.problems), (*named, *more))


def _about(
    manifest: Manifest, layers: Sequence[Layer], paths: Mapping[str, str]
) -> Iterator[AboutArtifact]:
    """Yield what each document of a package is about: the package, and what it holds."""
    if manifest.kind is not None:
        yield AboutArtifact(digest=manifest.blob.digest, kind="image", name=manifest.title)
    for layer in layers:
        if layer.kind in {"model", "dataset"}:
            name = paths.get(layer.digest, layer.digest)
            yield AboutArtifact(digest=layer.digest, kind=layer.kind, name=f"layer {name}"[:500])
            for path, digest, _ in layer.hashes:
                yield AboutArtifact(digest=digest, kind=layer.kind, name=path[:500])


def _held(layers: Sequence[Layer]) -> Iterator[ArtifactFact]:
    """Yield a row for each file of a model that was hashed."""
    for index, layer in enumerate(layers):
        for path, digest, size in layer.hashes if layer.kind == "model" else ():
            yield ArtifactFact(
                pointer=pointer("layers", index),
                name=path,
                kind="model",
                digest=digest,
                size_bytes=size,
                verified=True,
            )


def _computed(
    evidence: Evidence, computed: frozenset[str], held: tuple[ArtifactFact, ...]
) -> Evidence:
    """Return evidence that says of which digests we computed ourselves that they are right."""
    facts = tuple(
        fact.model_copy(update={"verified": True})
        if isinstance(fact, ArtifactFact) and fact.digest in computed
        else fact
        for fact in evidence.facts
    )
    if not held:
        return evidence.model_copy(update={"facts": facts})
    facts = (*facts, *held)
    return evidence.model_copy(update={"facts": facts, "coverage": recorded_all(facts)})
