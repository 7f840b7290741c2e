"""One layer of a package: every file in it is hashed, and those that may be evidence are kept."""

import hashlib
from typing import Final

from assaybook.domain.record import record
from assaybook.intake.archive import Budget, Gunzip, Reader, files, refused
from assaybook.intake.archive_names import plain_path
from assaybook.intake.limits import Limits
from assaybook.intake.oci import LayerKind, LayerType, layer_type
from assaybook.intake.package_index import Blob
from assaybook.intake.parsed import suffix_is_read

_CHUNK: Final = 1 << 20
_MOST_KEPT: Final = 128 * 1024 * 1024
_MOST_DOCUMENTS: Final = 1_000
_MOST_HASHES: Final = 50
_MOST_OTHERS: Final = 1_000
_CARDS: Final = (".md", ".markdown")


@record
class Found:
    """A file of a package that may be evidence, whole."""

    path: str
    raw: bytes


@record
class Layer:
    """What a layer holds.

    Attributes:
        digest: of its bytes as they are stored; checked by whoever read it to its end.
        kind: what it is a part of.
        documents: files that may be evidence.
        hashes: path, SHA-256 and bytes of the first files in it.
        others: paths of the other files.
        unopened: how it is packed, where evidence can be in it and it could not be opened.
    """

    digest: str
    kind: LayerKind | None
    documents: tuple[Found, ...] = ()
    hashes: tuple[tuple[str, str, int], ...] = ()
    others: tuple[str, ...] = ()
    unopened: str = ""


def read_layer(source: Reader, blob: Blob, where: str, budget: Budget, limits: Limits) -> Layer:
    """Read a layer; one that is no tar, or no part of a model package, is not opened.

    Raises:
        SubmitterError: its archive is refused, or holds too many documents to keep.
    """
    place = f"{where}!{blob.path}"
    kind = layer_type(blob.media_type)
    reading = _Layer(kind, place, limits)
    if kind.opened and kind.packing == "raw":
        reading.take(plain_path(blob.title, place) if blob.title else blob.path, source, blob.size)
    elif kind.opened and kind.packing in {"tar", "tar+gzip"}:
        inner = Budget(budget.limits, place)
        tar = Gunzip(source, inner) if kind.packing == "tar+gzip" else source
        for member in files(tar, inner):
            budget.member()
            reading.take(member.path, member, member.size)
    else:
        reading.others.append(blob.path)
    return Layer(
        blob.digest,
        kind.kind,
        tuple(reading.documents),
        tuple(reading.hashes),
        tuple(reading.others),
        blob.media_type if kind.opened and kind.packing == "other" else "",
    )


class _Layer:
    def __init__(self, kind: LayerType, where: str, limits: Limits) -> None:
        self.documents: list[Found] = []
        self.hashes: list[tuple[str, str, int]] = []
        self.others: list[str] = []
        self._kind = kind
        self._where = where
        self._limits = limits
        self._kept = 0

    def take(self, path: str, source: Reader, size: int) -> None:
        """Hash a file, and keep it where it may be evidence."""
        wanted = self._may_be_evidence(path, size)
        found = hashlib.sha256()
        parts: list[bytes] = []
        while part := source.read(_CHUNK):
            found.update(part)
            if wanted:
                parts.append(part)
                self._keep(len(part))
        if len(self.hashes) < _MOST_HASHES:
            self.hashes.append((path, f"sha256:{found.hexdigest()}", size))
        if wanted:
            self.documents.append(Found(path, b"".join(parts)))
        elif len(self.others) < _MOST_OTHERS:
            self.others.append(path)

    def _may_be_evidence(self, path: str, size: int) -> bool:
        """Tell whether a file can be a report; in data only a card is one, the rest are rows."""
        if not suffix_is_read(path) or not 0 < size <= self._limits.size:
            return False
        return self._kind.kind != "dataset" or path.lower().endswith(_CARDS)

    def _keep(self, size: int) -> None:
        self._kept += size
        if self._kept > _MOST_KEPT or len(self.documents) >= _MOST_DOCUMENTS:
            reason = f"it holds more than {_MOST_DOCUMENTS} documents or {_MOST_KEPT} bytes of them"
            raise refused("package-too-large", reason, self._where)
