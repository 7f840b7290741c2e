"""Packages as bytes: tars, hostile ones too, and OCI image layouts."""

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

KIT = "application/vnd.kitops.modelkit"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CARD = "---\nlicense: mit\n---\n# Model\n\n## Intended use\n\nTriage of letters.\n"


def digest(raw: bytes) -> str:
    """Return the SHA-256 of bytes."""
    return f"sha256:{hashlib.sha256(raw).hexdigest()}"


def packed(files: Mapping[str, bytes | str]) -> bytes:
    """Return a tar of files."""
    return packed_members(*((a_member(name), content) for name, content in files.items()))


def a_member(name: str, kind: bytes = tarfile.REGTYPE, **changes: Any) -> tarfile.TarInfo:
    """Return the header of an entry."""
    found = tarfile.TarInfo(name)
    found.type = kind
    for field, value in changes.items():
        setattr(found, field, value)
    return found


def packed_members(
    *members: tuple[tarfile.TarInfo, bytes | str], form: int = tarfile.PAX_FORMAT
) -> bytes:
    """Return a tar of entries as they are given."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as tar:
        for header, content in members:
            raw = content.encode() if isinstance(content, str) else content
            header.size = len(raw)
            tar.addfile(header, io.BytesIO(raw))
    return buffer.getvalue()


class Kit:
    """A ModelKit under construction: blobs, and the files that lead to them."""

    def __init__(self, kitfile: Mapping[str, Any] | None = None) -> None:
        self.blobs: dict[str, bytes] = {}
        self.kitfile: dict[str, Any] = dict(
            kitfile or {"manifestVersion": "1.0.0", "package": {"name": "letters"}}
        )
        self.layers: list[dict[str, Any]] = []

    def add(self, raw: bytes) -> str:
        """Add a blob and return its digest."""
        found = digest(raw)
        self.blobs[f"blobs/{found.replace(':', '/')}"] = raw
        return found

    def layer(
        self, tar: bytes, kind: str = "model", packing: str = "tar+gzip", **more: Any
    ) -> dict[str, Any]:
        """Add a layer and return its descriptor."""
        raw = gzip.compress(tar, mtime=0) if packing == "tar+gzip" else tar
        said = {"mediaType": f"{KIT}.{kind}.v1.{packing}", "digest": self.add(raw)}
        self.layers.append({**said, "size": len(raw), **more})
        return self.layers[-1]

    def files(self, **manifest: Any) -> dict[str, bytes]:
        """Return the files of the layout."""
        config = json.dumps(self.kitfile).encode()
        said = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": {
                "mediaType": f"{KIT}.config.v1+json",
                "digest": self.add(config),
                "size": len(config),
            },
            "layers": self.layers,
            **manifest,
        }
        raw = json.dumps(said).encode()
        descriptor = {"mediaType": MANIFEST, "digest": self.add(raw), "size": len(raw)}
        index = {"schemaVersion": 2, "manifests": [descriptor]}
        return {
            "oci-layout": b'{"imageLayoutVersion": "1.0.0"}',
            "index.json": json.dumps(index).encode(),
            **self.blobs,
        }

    def tar(self, **manifest: Any) -> bytes:
        """Return the layout as a tar."""
        return packed(self.files(**manifest))

    def folder(self, path: Path, **manifest: Any) -> Path:
        """Write the layout into a folder and return it."""
        for name, content in self.files(**manifest).items():
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            (path / name).write_bytes(content)
        return path


def a_kit() -> Kit:
    """Return a ModelKit with a model that is a pickle, a card, metrics and rows of data."""
    kit = Kit(
        {
            "manifestVersion": "1.0.0",
            "package": {"name": "letters", "version": "3", "license": "MIT"},
            "model": {"name": "m", "path": "model.pkl"},
        }
    )
    metrics = {
        "assaybook": "v1",
        "facts": [{"type": "metric", "name": "recall", "value": 0.9, "slice": ""}],
    }
    model = kit.layer(packed({"model.pkl": b"\x80\x04cos\nsystem\n."}))
    kit.kitfile["model"]["digest"] = model["digest"]
    kit.layer(packed({"README.md": CARD, "reports/metrics.json": json.dumps(metrics)}), "docs")
    kit.layer(packed({"data/rows.json": "[1]", "data/README.md": "# d\n"}), "dataset", "tar")
    return kit
