"""Which format a document is, by its content; what the submitter says must not contradict it."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain
from typing import Final

from assaybook.domain.documents import Detected
from assaybook.domain.errors import SubmitterError
from assaybook.intake.adapter import Adapter
from assaybook.intake.parsed import Parsed
from assaybook.intake.recognise import recognise
from assaybook.intake.registry import BUILT_IN, adapter_named, foreign, version_meant
from assaybook.intake.signs import Shape, has_sign, shape_of
from assaybook.intake.unread import unread

_SHAPES: Final = 256
_LIST: Final = "List the formats that can be read with: assay evidence adapters"
_NAMED: Final = (
    "Name the format (as: in the manifest, --as, or over HTTP ?as=FORMAT), or write assaybook/v1 "
    "JSON."
)
_MAPPED: Final = (
    "Say in evidence.yaml what its columns mean: as: table, facts:, columns: and, where cells do "
    "not stand between commas, separator:."
)
_FEW: Final = 40
"""Keys of a shape that is remembered."""


def detect(document: Parsed, declared: str | None) -> tuple[Adapter, Detected]:
    """Return the adapter of a document and what it was detected as.

    Raises:
        SubmitterError: ``format-unknown``, ``format-ambiguous``, ``format-contradicted`` or
            ``format-not-supported``.
    """
    if declared is not None:
        return _as_declared(document, declared)
    if document.value == []:
        raise _ambiguous(document, "an empty list says nothing of the tool that wrote it")
    could = asked(document)
    found = [(one, seen) for one in could if (seen := _seen(one, document)) is not None]
    if not found:
        raise _not_read(document)
    best = max(seen.confidence for _, seen in found)
    first = [(one, seen) for one, seen in found if seen.confidence == best]
    if len(first) > 1:
        names = ", ".join(one.name for one, _ in first)
        raise _ambiguous(document, f"it can be any of {names}")
    return _supported(document, *first[0])


def asked(document: Parsed) -> Iterator[Adapter]:
    """Return those adapters that can recognise a document of which nobody declared the format."""
    shape = shape_of(document)
    if shape is None:
        ours = BUILT_IN
    else:
        ours = (_remembered if len(shape[1]) <= _FEW else _with_a_sign)(shape)
    return chain(ours, foreign())


def _with_a_sign(shape: Shape) -> tuple[Adapter, ...]:
    return tuple(one for one in BUILT_IN if has_sign(one.name, shape))


_remembered: Final = lru_cache(_SHAPES)(_with_a_sign)


def _seen(adapter: Adapter, document: Parsed, *, declared: bool = False) -> Detected | None:
    try:
        return adapter.detect(document, declared=declared)
    # An adapter of a third party can raise anything, and a document must never stop the engine.
    except Exception as error:
        raise SubmitterError(
            "adapter-failed",
            f"the adapter {adapter.name} failed: {type(error).__name__}",
            where=document.name,
            hint="Tell the makers of the adapter, or uninstall the package that publishes it.",
        ) from error


def _as_declared(document: Parsed, declared: str) -> tuple[Adapter, Detected]:
    adapter = adapter_named(declared)
    seen = _seen(adapter, document, declared=True)
    if seen is None:
        raise _contradicted(document, declared, _what_else(document, (adapter.name,)))
    meant = version_meant(declared)
    sure = _seen(adapter, document)
    if meant and sure is not None and sure.version != meant:
        raise _contradicted(document, declared, f"{sure.format} {sure.version}")
    could = asked(document)
    other = next((o for o in could if o.name != adapter.name and _is_sure(o, document)), None)
    if other is not None and (sure is None or sure.confidence < 1.0):
        raise _contradicted(document, declared, other.name)
    if meant:
        seen = seen.model_copy(update={"version": meant})
    return _supported(document, adapter, seen)


def _is_sure(adapter: Adapter, document: Parsed) -> bool:
    seen = _seen(adapter, document)
    return seen is not None and seen.confidence >= 1.0


def _what_else(document: Parsed, but: Iterable[str]) -> str:
    for adapter in asked(document):
        if adapter.name not in but and _seen(adapter, document) is not None:
            return adapter.name
    other = recognise(document)
    if other is not None:
        return other.format
    known = unread(document)
    return known.what if known is not None else "another format"


def _supported(document: Parsed, adapter: Adapter, detected: Detected) -> tuple[Adapter, Detected]:
    if detected.version in adapter.versions or "*" in adapter.versions:
        return adapter, detected
    raise SubmitterError(
        "format-not-supported",
        f"this is {detected.format} {detected.version}, and of that format only "
        f"{', '.join(adapter.versions)} can be read",
        where=document.name,
        hint="Write the report with a version of the tool that is read.",
    )


def _not_read(document: Parsed) -> SubmitterError:
    seen = recognise(document)
    other = unread(document)
    if seen is None and other is not None:
        return SubmitterError(
            "format-unknown",
            f"this is {other.what}, and that is not read",
            where=document.name,
            hint=other.hint,
        )
    if seen is None:
        return SubmitterError(
            "format-unknown",
            "the content is not of a format that is known",
            where=document.name,
            hint=_MAPPED if document.media == "csv" else _NAMED,
        )
    return SubmitterError(
        "format-not-supported",
        f"this is {f'{seen.format} {seen.version}'.strip()}, which cannot be read yet",
        where=document.name,
        hint=other.hint if other is not None else _LIST,
    )


def _ambiguous(document: Parsed, reason: str) -> SubmitterError:
    return SubmitterError(
        "format-ambiguous",
        reason,
        where=document.name,
        hint="Name the format: as: in the manifest, --as, or over HTTP ?as=FORMAT.",
    )


def _contradicted(document: Parsed, declared: str, seen: str) -> SubmitterError:
    return SubmitterError(
        "format-contradicted",
        f"it was submitted as {declared}, and its content is of {seen}",
        where=document.name,
        hint="Correct the manifest or the flag.",
    )
