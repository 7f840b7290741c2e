"""The documents in a request body: raw, multipart, enveloped, or a batch of lines."""

import base64
import binascii
from collections.abc import Mapping
from functools import partial
from typing import Final

from anyio import to_thread
from fastapi import Request
from pydantic import ValidationError
from pydantic_core import to_json

from assaybook.api.asgi import header
from assaybook.api.multipart import HINT, parts_of
from assaybook.api.shapes.evidence import Enveloped
from assaybook.domain.canonical import canonical
from assaybook.domain.documents import Problem, problem_of
from assaybook.domain.errors import SubmitterError, UsageError
from assaybook.domain.record import record
from assaybook.intake.declared import Declared
from assaybook.intake.json_text import read_json
from assaybook.intake.limits import Limits
from assaybook.intake.raw import decode
from assaybook.service.submit_documents import Sent

MULTIPART: Final = "multipart/form-data"
LINES: Final = "application/x-ndjson"
ENVELOPE: Final = "application/vnd.assaybook.envelope+json"
MANIFEST_PART: Final = "manifest"
MOST: Final = 10_000
"""Documents in one request."""
_SUFFIX: Final[Mapping[str, str]] = {
    "application/json": ".json",
    "application/jsonl": ".jsonl",
    "application/sarif+json": ".sarif",
    "application/xml": ".xml",
    "application/yaml": ".yaml",
    "text/csv": ".csv",
    "text/markdown": ".md",
    "text/xml": ".xml",
}
_QUICK: Final = 16 * 1024
"""Bytes of a body that is taken apart at once."""
_CONTENTS: Final = ("document", "text", "base64")
_LIMITS: Final = Limits()


@record
class Body:
    """What a request holds: documents, their manifest, and lines that are none."""

    documents: tuple[Sent, ...]
    manifest: bytes | None = None
    problems: tuple[Problem, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()

    @property
    def size(self) -> int:
        """Return the bytes of all documents."""
        return sum(len(one.content) for one in self.documents)


async def documents_of(
    request: Request,
    name: str | None,
    declared: Declared,
    *,
    fields: frozenset[str] = frozenset(),
) -> Body:
    """Return the documents of a request; name and ``declared`` are for one that comes raw.

    ``fields`` are the parts of multipart that are no documents but said to the route.

    Raises:
        AssayError: ``media-type-unsupported``, ``body-malformed``, ``too-many-documents``, or what
            is wrong with an envelope.
    """
    if header(request.scope, b"content-encoding") not in {None, b"identity"}:
        raise UsageError(
            "media-type-unsupported",
            "the body is compressed",
            where="Content-Encoding",
            hint="Send it as it is.",
        )
    said = (header(request.scope, b"content-type") or b"").decode("latin-1")
    media = said.partition(";")[0].strip().lower()
    raw = await request.body()
    opening = _OPENED.get(media)
    if opening is None:
        return Body((Sent(name or f"document{_SUFFIX.get(media, '')}", raw, declared),))
    opened = partial(opening, raw, said, fields)
    # To take a large one apart lasts for seconds, in which nobody else would be answered.
    return opened() if len(raw) <= _QUICK else await to_thread.run_sync(opened)


def _parts(raw: bytes, content_type: str, fields: frozenset[str]) -> Body:
    documents: list[Sent] = []
    said: list[tuple[str, str]] = []
    manifest: bytes | None = None
    for part in parts_of(raw, content_type, most=MOST):
        if part.filename == "" and not part.content:
            continue  # what browsers send of a field in which nobody chose a file
        if part.field == MANIFEST_PART:
            if manifest is not None:
                raise UsageError("body-malformed", "there are two manifests", where=MANIFEST_PART)
            manifest = part.content
        elif part.field in fields:
            said.append((part.field, part.content.decode("utf-8", "replace")))
        elif not part.filename:
            raise UsageError(
                "body-malformed", "a part has no file name", where=part.field[:100], hint=HINT
            )
        else:
            documents.append(Sent(checked_name(part.filename), part.content))
    if manifest is not None and len({one.name for one in documents}) < len(documents):
        raise UsageError(
            "body-malformed",
            "two files have one name, so the manifest cannot tell them apart",
            where=MANIFEST_PART,
        )
    return Body(tuple(documents), manifest, fields=tuple(said))


def checked_name(name: str) -> str:
    """Return the name of a document; it is for people, and never a path of this machine.

    Raises:
        UsageError: ``name-invalid``.
    """
    parts = name.replace("\\", "/").split("/")
    plain = name.isprintable() and len(name) <= _LONGEST and bool(name.strip())
    if not plain or ".." in parts or parts[0] == "":
        raise UsageError(
            "name-invalid",
            "the name of a document has 1 to 300 printable characters, and stays in its folder",
            where="name",
        )
    return name


_LONGEST: Final = 300


def _one(raw: bytes, _said: str, _fields: frozenset[str]) -> Body:
    return Body((_enveloped(raw, "the envelope"),))


def _lines(raw: bytes, _said: str, _fields: frozenset[str]) -> Body:
    lines = raw.split(b"\n")
    documents: list[Sent] = []
    problems: list[Problem] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        if len(documents) + len(problems) == MOST:
            raise UsageError(
                "too-many-documents",
                f"one request takes at most {MOST} documents",
                hint="Send several requests.",
            )
        where = f"line {number}"
        try:
            documents.append(_enveloped(line, where))
        except (SubmitterError, UsageError) as error:
            problems.append(problem_of(where, error))
    return Body(tuple(documents), None, tuple(problems))


def _enveloped(raw: bytes, where: str) -> Sent:
    """Return the document of one envelope.

    Raises:
        SubmitterError: it is no strict JSON, or not what an envelope is.
        UsageError: ``name-invalid``.
    """
    found = read_json(decode(raw, where, _LIMITS), where, _LIMITS)
    if found.odd:
        raise _invalid(f"{where}#{min(found.odd)}", "this number is not exact; send it as text")
    value = found.value
    if not isinstance(value, dict):
        raise _invalid(where, "an envelope is an object")
    held = [key for key in _CONTENTS if key in value]
    if len(held) != 1:
        raise _invalid(where, f"an envelope holds one of {', '.join(_CONTENTS)}")
    content = value.pop(held[0])
    try:
        said = Enveloped.model_validate_json(to_json(value))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = "/".join(str(one) for one in first["loc"])
        raise _invalid(f"{where}#/{place}", str(first["msg"])) from error
    declared = Declared(
        format=said.as_,
        scope=said.scope,
        produced_at=said.produced_at,
        observed_at=said.observed_at,
    )
    return Sent(checked_name(said.name), _bytes(held[0], content, where), declared)


def _bytes(kind: str, content: object, where: str) -> bytes:
    if kind == "document":
        return canonical(content)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    if not isinstance(content, str):
        raise _invalid(f"{where}#/{kind}", "a text must stand here")
    if kind == "text":
        return content.encode()
    try:
        return base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _invalid(f"{where}#/{kind}", "this is not base64") from error


def _invalid(where: str, reason: str) -> SubmitterError:
    return SubmitterError(
        "envelope-invalid",
        reason,
        where=where,
        hint="Write name, one of document, text and base64, and as, scope, produced_at or"
        " observed_at where they are known.",
    )


_OPENED: Final = {MULTIPART: _parts, LINES: _lines, ENVELOPE: _one}
"""How a body is taken apart that holds more than the document itself."""
