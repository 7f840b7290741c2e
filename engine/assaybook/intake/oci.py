"""Words of the OCI image specification: digests, media types, and what a layer holds.

Source: OCI image specification 1.1, KitOps media types, CNCF ModelPack specification 1.
"""

import re
from typing import Final, Literal, TypeAlias

from assaybook.domain.record import record

LayerKind: TypeAlias = Literal["model", "dataset", "code", "docs", "image"]
Packing: TypeAlias = Literal["tar", "tar+gzip", "raw", "other"]

MANIFEST: Final = "application/vnd.oci.image.manifest.v1+json"
INDEX: Final = "application/vnd.oci.image.index.v1+json"
TITLE: Final = "org.opencontainers.image.title"
FILE_PATH: Final = "org.cncf.model.filepath"
_KITOPS: Final = "application/vnd.kitops.modelkit."
_MODELPACK: Final = "application/vnd.cncf.model."
_DIGEST: Final = re.compile(r"[a-z0-9]+(?:[+._-][a-z0-9]+)*:[A-Za-z0-9=_-]+")
_LENGTHS: Final = {"sha256": 64, "sha512": 128}
_KINDS: Final[dict[str, LayerKind]] = {
    "model": "model",
    "modelpart": "model",
    "weight": "model",
    "weight.config": "model",
    "dataset": "dataset",
    "code": "code",
    "docs": "docs",
    "doc": "docs",
    "prompt": "docs",
    "mcpserver": "code",
}
_LAYER: Final = re.compile(r"(?P<kind>[a-z.]+)\.v1\.(?P<packing>[a-z0-9+-]+)")


@record
class LayerType:
    """What the media type of a layer says.

    Attributes:
        kind: what it holds; an image where it is no part of a model package, None where unknown.
        packing: how its bytes stand; only tar, tar+gzip and raw can be opened.
        opened: whether it is part of a model package, so that evidence can be in it.
    """

    kind: LayerKind | None
    packing: Packing
    opened: bool


def layer_type(media_type: str) -> LayerType:
    """Return what the media type of a layer says."""
    for family in (_KITOPS, _MODELPACK):
        found = _LAYER.fullmatch(media_type.removeprefix(family))
        if media_type.startswith(family) and found:
            return LayerType(_KINDS.get(found["kind"]), _packing(found["packing"]), opened=True)
    image = "image" in media_type and "layer" in media_type
    return LayerType("image" if image else None, "other", opened=False)


def _packing(text: str) -> Packing:
    match text:
        case "tar" | "raw" | "tar+gzip":
            return text
        case _:
            return "other"


def package_kind(config_type: str, artifact_type: str) -> str | None:
    """Return which kind of package a manifest describes, or None for one that is not known."""
    if config_type.startswith(_KITOPS):
        return "modelkit"
    if artifact_type.startswith(_MODELPACK) or config_type.startswith(_MODELPACK):
        return "modelpack"
    if config_type.startswith(("application/vnd.oci.image.", "application/vnd.docker.")):
        return "image"
    return None


def digest_fault(digest: str) -> str | None:
    """Return why a text is no digest of the specification, or None where it is one."""
    if not _DIGEST.fullmatch(digest):
        return f"{digest[:80]!r} is no digest: an algorithm, a colon and a hash"
    algorithm, _, encoded = digest.partition(":")
    length = _LENGTHS.get(algorithm)
    if length is not None and not re.fullmatch(rf"[0-9a-f]{{{length}}}", encoded):
        return f"{digest[:80]!r} is no {algorithm}, which has {length} lower-case hex digits"
    return None


def layer_name(path: str) -> str:
    """Return the name of a layer as an artifact.

    It is never the name of what the layer holds: the digest of a layer differs from that of the
    file in it, and digests of two things of one name would contradict each other.
    """
    return (path if path.startswith("layer ") else f"layer {path}")[:500]
