"""Formats that are recognised and for which there is no adapter, so that nobody has to guess."""

from collections.abc import Callable
from typing import Final

from assaybook.domain.documents import Detected
from assaybook.intake.parsed import Parsed
from assaybook.intake.values import Json, mapping

_PEM: Final = "-----BEGIN "

Look = Callable[[dict[str, Json]], str | None]
"""Returns the version of the format ("" where it has none), or None for another format."""


def recognise(document: Parsed) -> Detected | None:
    """Return the format of a document that can be named and not read."""
    if document.beginning(len(_PEM)) == _PEM:
        return _found("pem", "", "it is a PEM key or certificate")
    for value in _objects(document):
        for name, look in _LOOKS.items():
            version = look(value)
            if version is not None:
                return _found(name, version, f"its keys are those of {name}")
    return None


def _found(name: str, version: str, reason: str) -> Detected:
    return Detected(format=name, version=version, confidence=0.9, reasons=(reason,))


def _objects(document: Parsed) -> list[dict[str, Json]]:
    """Return the object, or the first of a list (Croissant is found wrapped in one)."""
    if isinstance(document.value, list):
        return [mapping(document.value[0])] if document.value else []
    return [mapping(document.value)]


def _dsse(value: dict[str, Json]) -> str | None:
    if str(value.get("mediaType", "")).startswith("application/vnd.dev.sigstore.bundle"):
        return str(value["mediaType"])[:100]
    return "" if {"payloadType", "payload", "signatures"} <= value.keys() else None


_LOOKS: Final[dict[str, Look]] = {
    "dsse": _dsse,
}
