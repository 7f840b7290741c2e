"""Archives read as streams: nothing is unpacked, and nothing that could escape is let through.

A tar is walked block by block. Only files and folders with plain relative names pass; links,
devices, sparse files, names that lead elsewhere or that some file system takes for one another
are refused, as is what grows out of proportion. Source: POSIX.1-2017 pax, GNU tar, RFC 1952.
"""

import zlib
from collections.abc import Iterator, Mapping
from typing import Final, Protocol

from assaybook.domain.errors import SubmitterError
from assaybook.domain.record import draft, record
from assaybook.intake.archive_names import Names, plain_path

BLOCK: Final = 512
_CHUNK: Final = 1 << 16
_SKIP: Final = 1 << 20
_GZIP: Final = b"\x1f\x8b"
_FREE: Final = 16 * 1024 * 1024
"""Bytes that may come out before the ratio is looked at; small files of zeros are no attack."""
_MOST_EXTENDED: Final = 64 * 1024
_FILES: Final = frozenset({b"0", b"\0", b"7"})
_LINKS: Final = {b"1": "a hard link", b"2": "a symbolic link", b"K": "a link"}
_DEVICES: Final = {b"3": "a device", b"4": "a device", b"6": "a pipe"}
_DECIDES: Final = frozenset({"path", "size", "linkpath", "hdrcharset"})


@record
class ArchiveLimits:
    """Bounds on one archive and all that is packed in it.

    Attributes:
        members: entries, extended headers among them.
        size: bytes that may be read out of it in all.
        ratio: how many bytes may come out for one that went in.
    """

    members: int = 200_000
    size: int = 1 << 40
    ratio: int = 100


class Reader(Protocol):
    """Something that gives its bytes once, in order; nothing more at the end."""

    def read(self, size: int, /) -> bytes: ...  # noqa: D102


@draft
class Budget:
    """What was spent on one pass over an archive."""

    limits: ArchiveLimits
    where: str
    members: int = 0
    size: int = 0

    def member(self) -> None:
        """Count one entry.

        Raises:
            SubmitterError: ``archive-too-large``.
        """
        self.members += 1
        if self.members > self.limits.members:
            raise self.too_large(f"it has more than {self.limits.members} entries")

    def take(self, size: int) -> None:
        """Count bytes that came out.

        Raises:
            SubmitterError: ``archive-too-large``.
        """
        self.size += size
        if self.size > self.limits.size:
            raise self.too_large(f"it holds more than {self.limits.size} bytes")

    def too_large(self, reason: str) -> SubmitterError:
        """Return the error of an archive that is larger than is read."""
        return refused("archive-too-large", reason, self.where)


def refused(code: str, reason: str, where: str) -> SubmitterError:
    """Return the error of an archive that is not read."""
    hint = "Pack it again with the tool that makes such packages, from plain files and folders."
    return SubmitterError(code, f"the archive is refused: {reason}", where=where, hint=hint)


class Gunzip:
    """The bytes of a gzip stream, which must be whole and in proportion to what went in."""

    def __init__(self, source: Reader, budget: Budget) -> None:
        self._source = source
        self._budget = budget
        self._inflate = zlib.decompressobj(wbits=31)
        self._waiting = b""
        self._began = False
        self._in = 0
        self._out = 0

    def read(self, size: int, /) -> bytes:
        """Return up to so many bytes, at least one before the end.

        Raises:
            SubmitterError: ``archive-truncated``, ``archive-damaged``, ``archive-bomb`` or
                ``archive-too-large``.
        """
        while True:
            if self._inflate.eof and not self._next_stream():
                return b""
            more = bool(self._waiting) or self._fill()
            try:
                out = self._inflate.decompress(self._waiting, size)
            except zlib.error as error:
                raise self._damaged("its gzip stream cannot be read") from error
            ended = self._inflate.eof
            self._waiting = self._inflate.unused_data if ended else self._inflate.unconsumed_tail
            if out:
                self._count(len(out))
                return out
            if not more and not ended:
                raise refused("archive-truncated", "its gzip stream ends early", self._budget.where)

    def _fill(self) -> bool:
        self._waiting = self._source.read(_CHUNK)
        self._in += len(self._waiting)
        return bool(self._waiting)

    def _next_stream(self) -> bool:
        """Tell whether another stream follows; after the last there may be nothing but zeros."""
        while not self._waiting.strip(b"\0"):
            if not self._fill():
                return False
        if not self._waiting.startswith(_GZIP[:1]):
            raise self._damaged("something follows its gzip stream")
        self._inflate = zlib.decompressobj(wbits=31)
        self._budget.member()
        return True

    def _count(self, size: int) -> None:
        self._out += size
        self._budget.take(size)
        if self._out > _FREE and self._out > self._budget.limits.ratio * self._in:
            reason = f"more than {self._budget.limits.ratio} bytes come out for one that goes in"
            raise refused("archive-bomb", reason, self._budget.where)

    def _damaged(self, reason: str) -> SubmitterError:
        return refused("archive-damaged", reason, self._budget.where)


@draft
class Member:
    """A file of an archive; its bytes can be read until the next member is asked for."""

    path: str
    size: int
    _source: Reader
    _budget: Budget
    _left: int

    def read(self, size: int, /) -> bytes:
        """Return up to so many bytes, at least one before the end.

        Raises:
            SubmitterError: ``archive-truncated`` or what the stream below raises.
        """
        wanted = min(size, self._left)
        if not wanted:
            return b""
        found = self._source.read(wanted)
        if not found:
            raise refused("archive-truncated", f"{self.path!r} ends early", self._budget.where)
        self._left -= len(found)
        return found


def files(source: Reader, budget: Budget) -> Iterator[Member]:
    """Yield the files of a tar in their order.

    Raises:
        SubmitterError: ``archive-truncated``, ``archive-damaged``, ``archive-too-large``,
            ``archive-name``, ``archive-traversal``, ``archive-link``, ``archive-device``,
            ``archive-kind``, ``archive-duplicate`` or ``archive-clash``.
    """
    walk = _Walk(source, budget)
    names = Names(budget.where)
    while (header := walk.header()) is not None:
        path = plain_path(header.name, budget.where)
        names.add(path, folder=header.folder)
        if header.folder:
            continue
        member = Member(path, header.size, source, budget, header.size)
        yield member
        while member.read(_SKIP):
            pass
        walk.exactly(-header.size % BLOCK)


@record
class _Header:
    name: str
    size: int
    folder: bool


class _Walk:
    """Reads headers; extended ones are folded into the next."""

    def __init__(self, source: Reader, budget: Budget) -> None:
        self._source = source
        self._budget = budget

    def header(self) -> _Header | None:
        """Return the next file or folder, or None at the end of the archive."""
        said: dict[str, str] = {}
        while (block := self._block()) is not None:
            self._budget.member()
            kind = block[156:157]
            if kind == b"x":
                self._say(said, _records(self._extended(block), self._budget.where))
            elif kind == b"L":
                text = self._text(self._extended(block).rstrip(b"\0"))
                self._say(said, {"path": text})
            elif kind == b"g":
                records = _records(self._extended(block), self._budget.where)
                if records.keys() & _DECIDES or _is_sparse(records):
                    raise self._damaged("a global header names a file")
            else:
                return self._plain(block, kind, said)
        if said:
            raise self._damaged("an extended header stands alone")
        return None

    def exactly(self, size: int) -> bytes:
        """Return exactly so many bytes."""
        parts: list[bytes] = []
        left = size
        while left:
            found = self._source.read(left)
            if not found:
                raise refused("archive-truncated", "it ends early", self._budget.where)
            parts.append(found)
            left -= len(found)
        return b"".join(parts)

    def _say(self, said: dict[str, str], more: Mapping[str, str]) -> None:
        if said.keys() & more.keys():
            raise self._damaged("two extended headers speak of one entry")
        said.update(more)

    def _block(self) -> bytes | None:
        """Return the next header, or None at the end, after which only zeros may stand."""
        block = self.exactly(BLOCK)
        if any(block):
            return block
        while rest := self._source.read(_CHUNK):
            if any(rest):
                raise self._damaged("something follows its end")
        return None

    def _plain(self, block: bytes, kind: bytes, said: dict[str, str]) -> _Header:
        self._check_sum(block)
        if _is_sparse(said) or kind == b"S":
            raise refused("archive-kind", "it holds a sparse file", self._budget.where)
        name = said.get("path") or self._name(block)
        shown = repr(name[:200])
        if kind in _LINKS:
            raise refused("archive-link", f"{shown} is {_LINKS[kind]}", self._budget.where)
        if kind in _DEVICES:
            raise refused("archive-device", f"{shown} is {_DEVICES[kind]}", self._budget.where)
        size = self._size_said(said["size"]) if "size" in said else self._number(block[124:136])
        folder = kind == b"5" or (kind in _FILES and name.endswith("/"))
        if not folder and kind not in _FILES:
            reason = f"{shown} is neither a file nor a folder"
            raise refused("archive-kind", reason, self._budget.where)
        if folder and size:
            raise self._damaged(f"the folder {shown} has content")
        if size > self._budget.limits.size:
            raise self._budget.too_large(f"{shown} has {size} bytes")
        return _Header(name, size, folder)

    def _extended(self, block: bytes) -> bytes:
        self._check_sum(block)
        size = self._number(block[124:136])
        if size > _MOST_EXTENDED:
            raise self._damaged("an extended header is too long")
        content = self.exactly(size)
        self.exactly(-size % BLOCK)
        return content

    def _check_sum(self, block: bytes) -> None:
        found = sum(block) - sum(block[148:156]) + 8 * ord(" ")
        if self._number(block[148:156]) != found:
            raise self._damaged("a header has the wrong check sum")

    def _name(self, block: bytes) -> str:
        name = self._text(block[:100].partition(b"\0")[0])
        prefix = block[345:500].partition(b"\0")[0] if block[257:263] == b"ustar\0" else b""
        return f"{self._text(prefix)}/{name}" if prefix else name

    def _number(self, raw: bytes) -> int:
        """Return an octal number, or one of base 256 as GNU tar writes those that are too large."""
        if raw[0] == 0x80:  # noqa: PLR2004 - the mark of base 256; 0xff would be below zero
            return int.from_bytes(raw[1:], "big")
        text = raw.strip(b" \0")
        if not text or text.strip(b"01234567"):
            if not text:
                return 0
            raise self._damaged("a number in a header cannot be read")
        return int(text, 8)

    def _size_said(self, text: str) -> int:
        if not text.isascii() or not text.isdecimal() or len(text) > 20:  # noqa: PLR2004 - of 2**64
            raise self._damaged("a size in a header cannot be read")
        return int(text)

    def _text(self, raw: bytes) -> str:
        return _utf8(raw, self._budget.where)

    def _damaged(self, reason: str) -> SubmitterError:
        return refused("archive-damaged", reason, self._budget.where)


def _utf8(raw: bytes, where: str) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise refused("archive-name", "a name in it is not UTF-8", where) from error


def _is_sparse(records: Mapping[str, str]) -> bool:
    return any(key.startswith("GNU.sparse.") for key in records)


def _records(content: bytes, where: str) -> dict[str, str]:
    """Return the records of an extended header: ``length key=value`` and a line end, each."""
    found: dict[str, str] = {}
    at = 0
    while at < len(content):
        length, space, _ = content[at : at + 20].partition(b" ")
        size = int(length) if length.isdigit() else 0
        record = content[at : at + size]
        key, equals, value = record[len(length) + 1 : -1].partition(b"=")
        whole = space and equals and len(record) == size and record.endswith(b"\n")
        name = _utf8(key, where) if whole else ""
        if not name or name in found:
            raise refused("archive-damaged", "an extended header cannot be read", where)
        found[name] = _utf8(value, where) if name in _DECIDES else ""
        at += size
    return found
