"""Digests as formats write them, in our own writing: ``sha256:`` and lower-case hex."""

import re
from typing import Final

from assaybook.intake.values import Json

_LENGTHS: Final[dict[str, int]] = {"sha256": 64, "sha512": 128, "sha384": 96, "sha1": 40}
"""Hex digits of each algorithm that is written down, the strongest known first."""
_HEX: Final = re.compile(r"[0-9a-f]+")
_SPELT: Final = re.compile(r"[^a-z0-9]")


def digest_from(algorithm: Json, value: Json) -> str | None:
    """Return a digest from its algorithm, however spelt, and its hex; None where it is none."""
    if not isinstance(algorithm, str) or not isinstance(value, str):
        return None
    name = _SPELT.sub("", algorithm.lower())
    written = value.strip().lower()
    if len(written) != _LENGTHS.get(name) or not _HEX.fullmatch(written):
        return None
    return f"{name}:{written}"


def strongest(found: list[str]) -> str | None:
    """Return the digest of several that can best be compared with a registered one."""
    by_name = {one.partition(":")[0]: one for one in found}
    return next((by_name[name] for name in _LENGTHS if name in by_name), None)


def sha256_of(value: Json) -> str | None:
    """Return a text that is a SHA-256 digest as OCI writes it, and None for anything else."""
    if not isinstance(value, str):
        return None
    name, _, written = value.strip().partition(":")
    return digest_from(name, written) if name == "sha256" else None
