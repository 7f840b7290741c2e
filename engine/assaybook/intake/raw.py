"""Bytes to text: the size is bounded, the encoding is UTF-8, and nothing else is guessed."""

import codecs
from pathlib import Path
from stat import S_ISREG
from typing import Final

from assaybook.domain.errors import SubmitterError
from assaybook.intake.limits import Limits

AS_WRITTEN: Final = "Submit the file as the tool wrote it, whole."
TOO_MUCH: Final = "Submit the summary of the tool, or split the report by scope."
CHECK_PATH: Final = "Check the path and its permissions."
BOM: Final = b"\xef\xbb\xbf"
_OTHER_BOMS: Final = {
    b"\xff\xfe\x00\x00": "UTF-32",
    b"\x00\x00\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}
_WIDE: Final = (b"\xff\xfe", b"\xfe\xff")
_WIDER: Final = b"\xff\xfe\x00\x00"
_BINARY: Final = {
    b"PK\x03\x04": "a ZIP archive",
    b"\x1f\x8b": "a gzip archive",
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\x80\x02": "a Python pickle",
    b"\x80\x03": "a Python pickle",
    b"\x80\x04": "a Python pickle",
    b"\x80\x05": "a Python pickle",
    b"PAR1": "a Parquet file",
}
_MARKS: Final = (*_BINARY, *_OTHER_BOMS)
_PART: Final = 1_000_000
"""Bytes that are decoded together where nobody wants the text."""


def read_file(path: Path, name: str, limits: Limits) -> bytes:
    """Return the bytes of a file, of which never more than the limit is read.

    Raises:
        SubmitterError: ``file-unreadable`` or ``document-too-large``.
    """
    try:
        found = path.stat()
        if not S_ISREG(found.st_mode):
            raise _unreadable(name, "it is not a regular file")
        if found.st_size > limits.size:
            raise _too_large(name, found.st_size, limits)
        with path.open("rb") as file:
            raw = file.read(limits.size + 1)
    except OSError as error:
        raise _unreadable(name, error.strerror or "it cannot be opened") from error
    except ValueError as error:
        raise _unreadable(name, "its name cannot be a path") from error
    if len(raw) > limits.size:
        raise _too_large(name, len(raw), limits)
    return raw


def decode(raw: bytes, name: str, limits: Limits) -> str:
    """Return the text of a document, without a byte order mark.

    Raises:
        SubmitterError: ``document-too-large``, ``document-empty``, ``document-binary`` or
            ``encoding-not-utf8``.
    """
    return checked(raw, name, limits).decode()


def check_size(raw: bytes, name: str, limits: Limits) -> None:
    """Refuse bytes that are too many, or of which none says anything.

    Raises:
        SubmitterError: ``document-too-large`` or ``document-empty``.
    """
    if len(raw) > limits.size:
        raise _too_large(name, len(raw), limits)
    if not raw or raw.isspace():
        raise SubmitterError(
            "document-empty",
            "the document has no content",
            where=name,
            hint="An empty file is no result; submit what the tool wrote.",
        )


def checked(raw: bytes, name: str, limits: Limits, *, wide: bool = False) -> bytes:
    """Return the text of a document in UTF-8, without a byte order mark.

    With ``wide``, as spreadsheets write tables, UTF-16 that begins with its mark is read too. One
    character beyond ASCII can make a text four times as large as its bytes, so it is decoded in
    parts.

    Raises:
        SubmitterError: as ``decode``.
    """
    check_size(raw, name, limits)
    if wide and raw.startswith(_WIDE) and not raw.startswith(_WIDER):
        return _decoded_wide(raw, name).encode()
    if raw.startswith(_MARKS):
        raise _no_text(raw, name)
    plain = raw.removeprefix(BOM)
    odd = None if raw.isascii() else _odd_byte(plain)
    if odd is not None:
        raise _not_utf8(name, f"byte {odd} is not UTF-8")
    if b"\x00" in raw:
        raise _not_utf8(name, "it holds NUL bytes, as UTF-16 does")
    return plain


def _odd_byte(raw: bytes) -> int | None:
    """Return the place of the first byte that is not UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    for start in range(0, len(raw), _PART):
        held, _ = decoder.getstate()
        try:
            decoder.decode(raw[start : start + _PART], start + _PART >= len(raw))
        except UnicodeDecodeError as error:
            return start - len(held) + error.start
    return None


def _decoded_wide(raw: bytes, name: str) -> str:
    try:
        text = raw.decode("utf-16")
    except UnicodeDecodeError as error:
        raise _not_utf8(name, f"byte {error.start} is not UTF-16, as which it begins") from error
    if "\x00" in text:
        raise _not_utf8(name, "it holds NUL characters")
    return text


def _no_text(raw: bytes, name: str) -> SubmitterError:
    """Return the error of bytes that begin with a mark of something else than a UTF-8 text."""
    kind = next((kind for mark, kind in _BINARY.items() if raw.startswith(mark)), None)
    if kind is None:
        encoding = next(each for mark, each in _OTHER_BOMS.items() if raw.startswith(mark))
        return _not_utf8(name, f"it begins with a byte order mark of {encoding}")
    return SubmitterError(
        "document-binary",
        f"this is {kind}, not a text document",
        where=name,
        hint="Submit the report of the tool; archives and models are never opened.",
    )


def _unreadable(name: str, reason: str) -> SubmitterError:
    return SubmitterError(
        "file-unreadable",
        f"the file cannot be read: {reason}",
        where=name,
        hint=CHECK_PATH,
    )


def _too_large(name: str, size: int, limits: Limits) -> SubmitterError:
    return SubmitterError(
        "document-too-large",
        f"the document has {size} bytes or more; at most {limits.size} are read",
        where=name,
        hint=TOO_MUCH,
    )


def _not_utf8(name: str, reason: str) -> SubmitterError:
    return SubmitterError(
        "encoding-not-utf8",
        f"the document is not UTF-8: {reason}",
        where=name,
        hint="Convert it to UTF-8 and submit it again.",
    )
