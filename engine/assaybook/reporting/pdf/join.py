"""The parts of a PDF put together and written, with what only the whole can know.

Objects other than streams go into compressed object streams, found by a cross-reference stream
(ISO 32000-1, sections 7.5.7 and 7.5.8). The same parts always give the same bytes.
"""

import hashlib
import re
import zlib
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Final, TypeAlias

from assaybook.reporting.pdf.paint import LEVEL, SHARED, Painted, numbered

Body: TypeAlias = bytes | tuple[bytes, bytes]
"""An object: its text; or of a stream the dictionary without its end, and the bytes."""
_MARK: Final = re.compile(rb"\x01(\d+|#)\x01")
_THIS_PART: Final = b"#"
_IN_ONE_STREAM: Final = 200
_CATALOG, _PAGES, _TREE, _PARENTS, _TOP, _OUTLINES, _TARGETS, _INFO, _FONTS = range(1, 10)
_FIRST_FREE: Final = 10
_SHARED: Final = {"pages": _PAGES, "top": _TOP, "fonts": _FONTS}


class Whole:
    """A document of parts; objects are added, then all is written.

    Attributes:
        catalog: entries of the catalog.
        changed: the date of the document as PDF writes it, empty where it has none.
    """

    def __init__(self, parts: Sequence[Painted], shared: Sequence[Painted] = ()) -> None:
        """Put the parts together; ``shared`` are the head of their pages and their fonts."""
        self.objects: list[Body] = [b""] * (_FIRST_FREE - 1)
        self.catalog = dict(parts[0].catalog)
        self._head = shared[0].texts[0].before if shared else b""
        self._seen: dict[tuple[bytes, bytes], int] = {}
        held = [*parts, *shared]
        self._numbers = [self._places(part, at) for at, part in enumerate(held)]
        self._take_bodies(held)
        self._take_fonts(held)
        self._take_pages(parts)
        self._take_tree(parts)
        self._take_bookmarks(parts)
        self._take_targets(parts)
        self._set(_INFO, parts[0].info)
        date = re.search(rb"/ModDate (\([^)]*\))", parts[0].info)
        self.changed = date[1] if date else b""

    def add(self, body: Body) -> bytes:
        """Add an object and return the reference to it."""
        self.objects.append(body)
        return b"%d 0 R" % len(self.objects)

    def _set(self, number: int, body: Body) -> None:
        self.objects[number - 1] = body

    def _add_to(self, number: int, entries: bytes) -> None:
        """Add entries to a dictionary."""
        body = self.objects[number - 1]
        if not isinstance(body, bytes):
            raise TypeError(number)
        self._set(number, body[:-2] + entries + b">>")

    def _places(self, part: Painted, at: int) -> dict[bytes, bytes]:
        """Give each object of a part its number; streams that are alike share one, as fonts do."""
        numbers = {_THIS_PART: b"%d" % at}
        numbers |= {b"%d" % place: b"%d 0 R" % _SHARED[name] for name, place in part.root.items()}
        for place, body in enumerate(part.objects):
            if body == b"":
                continue
            key = body if isinstance(body, tuple) and b"\x01" not in body[0] and body[1] else None
            known = self._seen.get(key) if key else None
            if known is None:
                known = len(self.objects) + 1
                self.objects.append(b"")
                if key:
                    self._seen[key] = known
            numbers[b"%d" % place] = b"%d 0 R" % known
        return numbers

    def _take_bodies(self, parts: Sequence[Painted]) -> None:
        """Write the numbers into what the parts hold."""
        for part, numbers in zip(parts, self._numbers, strict=True):
            for place, body in enumerate(part.objects):
                number = numbers.get(b"%d" % place)
                if number is None or body == b"":
                    continue
                if isinstance(body, tuple):
                    self._set(_number(number), (_marked(body[0], numbers), body[1]))
                else:
                    self._set(_number(number), _marked(body, numbers))
        self.catalog = {
            name: _marked(value, self._numbers[0]) for name, value in self.catalog.items()
        }

    def _take_fonts(self, parts: Iterable[Painted]) -> None:
        """List the fonts by name for all pages; one name is one font."""
        known: dict[bytes, bytes] = {}
        wanted: set[bytes] = set()
        for part, numbers in zip(parts, self._numbers, strict=True):
            for name, place in part.fonts:
                wanted.add(name)
                if place != SHARED:
                    known.setdefault(name, numbers[b"%d" % place])
        if wanted - known.keys():
            raise ValueError(f"fonts that nobody holds: {sorted(wanted - known.keys())}")
        entries = (b"/%s %s" % each for each in sorted(known.items()))
        self._set(_FONTS, b"<<%s>>" % b"".join(entries))

    def _take_pages(self, parts: Sequence[Painted]) -> None:
        total = sum(len(part.pages) for part in parts)
        kids: list[bytes] = []
        keys, found = _keys_before(parts), _pages_of(parts)
        for part, numbers, key in zip(parts, self._numbers, keys, strict=False):
            for at, (place, text) in enumerate(zip(part.pages, part.texts, strict=True)):
                number = numbers[b"%d" % place]
                kids.append(number)
                about = b"/Parent %d 0 R/StructParents %d" % (_PAGES, key + at)
                self._add_to(_number(number), about)
                drawn = numbered(text, len(kids), total, found)
                if self._head and text.glyphs:
                    drawn = b"q\n%s\nQ\n%s" % (self._head, drawn)
                about = b"<</Filter /FlateDecode"
                contents = _number(numbers[b"%d" % text.place])
                self._set(contents, (about, zlib.compress(drawn, LEVEL)))
            for at, place in enumerate(part.annotations, len(part.pages)):
                number = numbers[b"%d" % place]
                self._add_to(_number(number), b"/StructParent %d" % (key + at))
        listed = b" ".join(kids)
        self._set(_PAGES, b"<</Type /Pages/Kids [%s]/Count %d>>" % (listed, total))

    def _take_tree(self, parts: Sequence[Painted]) -> None:
        """Make one tag tree of all, with one document element."""
        elements: list[bytes] = []
        entries: list[bytes] = []
        for part, numbers in zip(parts, self._numbers, strict=False):
            elements += (numbers[b"%d" % each] for each in part.elements)
            for at, parents in enumerate(part.parents):
                listed = b" ".join(numbers[b"%d" % each] for each in parents)
                entries.append(b"[%s]" % listed if at < len(part.pages) else listed)
        pairs = b" ".join(b"%d %s" % pair for pair in enumerate(entries))
        self._set(_PARENTS, b"<</Nums [%s]>>" % pairs)
        top = b"<</Type /StructTreeRoot/ParentTree %d 0 R/K [%d 0 R]>>" % (_PARENTS, _TOP)
        self._set(_TREE, top)
        children = b" ".join(elements)
        form = b"<</Type /StructElem/S /Document/P %d 0 R/K [%s]>>"
        self._set(_TOP, form % (_TREE, children))

    def _take_bookmarks(self, parts: Sequence[Painted]) -> None:
        """Chain the bookmarks; those that continue a section go under its own."""
        marks: list[tuple[int, int, list[tuple[int, int]]]] = []
        for part, numbers in zip(parts, self._numbers, strict=False):
            for at, (place, inner) in enumerate(part.bookmarks):
                number = _number(numbers[b"%d" % place])
                if at < part.adopted and marks:
                    marks[-1][2].append((number, inner))
                else:
                    marks.append((number, inner, []))
        total = len(marks)
        for number, inner, adopted in marks:
            total += inner + sum(1 + below for _, below in adopted)
            if adopted:
                self._adopt(number, inner, adopted)
        self._chain([number for number, *_ in marks], _OUTLINES)
        if marks:
            ends = (marks[0][0], marks[-1][0], total)
            self._set(_OUTLINES, b"<</First %d 0 R/Last %d 0 R/Count %d>>" % ends)

    def _adopt(self, number: int, inner: int, adopted: list[tuple[int, int]]) -> None:
        """Put bookmarks of a later part behind those that a section has already."""
        body = self.objects[number - 1]
        if not isinstance(body, bytes):
            raise TypeError(number)
        count = inner + sum(1 + below for _, below in adopted)
        body = re.sub(rb"/Count -?\d+", b"/Count %d" % count, body)
        new = [each for each, _ in adopted]
        last = re.search(rb"/Last (\d+) 0 R", body)
        if last:
            body = body.replace(last[0], b"/Last %d 0 R" % new[-1])
            self._add_to(int(last[1]), b"/Next %d 0 R" % new[0])
        else:
            body = body[:-2] + b"/First %d 0 R/Last %d 0 R>>" % (new[0], new[-1])
        self._set(number, body)
        self._chain(new, number, int(last[1]) if last else 0)

    def _chain(self, numbers: Sequence[int], parent: int, before: int = 0) -> None:
        for at, number in enumerate(numbers):
            previous = numbers[at - 1] if at else before
            entries = b"/Parent %d 0 R" % parent
            entries += b"/Prev %d 0 R" % previous if previous else b""
            entries += b"/Next %d 0 R" % numbers[at + 1] if at + 1 < len(numbers) else b""
            self._add_to(number, entries)

    def _take_targets(self, parts: Sequence[Painted]) -> None:
        """List the places that links lead to, by name; the first of one name counts."""
        known: dict[bytes, bytes] = {}
        for part, numbers in zip(parts, self._numbers, strict=False):
            for name, place in part.targets:
                known.setdefault(name, _marked(place, numbers))
        named = b" ".join(b"%s %s" % each for each in sorted(known.items()))
        self._set(_TARGETS, b"<</Names [%s]>>" % named)

    def written(self, identifier: bytes, names: bytes = b"") -> bytes:
        """Return the file. ``identifier`` is 32 hexadecimal digits, ``names`` more name trees."""
        self.catalog |= {
            "Type": b"/Catalog",
            "Pages": b"%d 0 R" % _PAGES,
            "StructTreeRoot": b"%d 0 R" % _TREE,
            "Names": b"<</Dests %d 0 R%s>>" % (_TARGETS, names),
        }
        if self.objects[_OUTLINES - 1]:
            self.catalog["Outlines"] = b"%d 0 R" % _OUTLINES
        entries = (b"/%s %s" % (name.encode(), each) for name, each in self.catalog.items())
        self._set(_CATALOG, b"<<%s>>" % b"".join(entries))
        return _file(self.objects, identifier)


def _keys_before(parts: Sequence[Painted]) -> list[int]:
    """Return for each part how many keys of the tag tree the parts before it take."""
    return [0, *accumulate(len(part.parents) for part in parts)][: len(parts)]


def _pages_of(parts: Sequence[Painted]) -> dict[bytes, int]:
    """Return on which page of the whole each place is that links lead to, by its name."""
    found: dict[bytes, int] = {}
    before = 0
    for part in parts:
        numbers = {b"%d" % place: before + at for at, place in enumerate(part.pages, 1)}
        for name, place in part.targets:
            page = _MARK.search(place)
            if page is not None and page[1] in numbers:
                found.setdefault(name[1:-1], numbers[page[1]])
        before += len(part.pages)
    return found


def _marked(body: bytes, numbers: dict[bytes, bytes]) -> bytes:
    return _MARK.sub(lambda mark: numbers[mark[1]], body)


def _number(reference: bytes) -> int:
    return int(reference[:-4])


def _file(objects: Sequence[Body], identifier: bytes) -> bytes:
    """Write all objects: streams as they are, the others in object streams."""
    out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    where: list[tuple[int, int, int]] = [(0, 0, 65_535)] + [(0, 0, 0)] * len(objects)
    loose: list[int] = []
    for number, body in enumerate(objects, 1):
        if isinstance(body, tuple):
            where[number] = (1, len(out), 0)
            out += _stream(number, *body)
        elif body:
            loose.append(number)
    for start in range(0, len(loose), _IN_ONE_STREAM):
        held = loose[start : start + _IN_ONE_STREAM]
        texts = [bytes(objects[number - 1]) for number in held]  # type: ignore[arg-type]
        starts = [0, *accumulate(len(text) + 1 for text in texts)]
        table = b" ".join(b"%d %d" % pair for pair in zip(held, starts, strict=False)) + b"\n"
        packed = zlib.compress(table + b"\n".join(texts), LEVEL)
        about = b"<</Type /ObjStm/N %d/First %d/Filter /FlateDecode" % (len(held), len(table))
        for at, number in enumerate(held):
            where[number] = (2, len(where), at)
        where.append((1, len(out), 0))
        out += _stream(len(where) - 1, about, packed)
    return bytes(out) + _references(
        where, len(out), identifier, hashlib.md5(out, usedforsecurity=False).hexdigest().encode()
    )


def _stream(number: int, about: bytes, data: bytes) -> bytes:
    # Two characters end the line: after one, a reader takes a last byte of 13 for a part of it.
    head = b"%d 0 obj\n%s/Length %d>>\nstream\n" % (number, about, len(data))
    return b"%s%s\r\nendstream\nendobj\n" % (head, data)


def _references(
    where: list[tuple[int, int, int]], end: int, identifier: bytes, digest: bytes
) -> bytes:
    """Write the cross-reference stream and the end of the file."""
    where.append((1, end, 0))
    table = b"".join(
        kind.to_bytes(1, "big") + place.to_bytes(4, "big") + rest.to_bytes(2, "big")
        for kind, place, rest in where
    )
    about = b"<</Type /XRef/Size %d/W [1 4 2]/Root %d 0 R/Info %d 0 R/ID [<%s> <%s>]"
    about %= (len(where), _CATALOG, _INFO, identifier, digest)
    packed = zlib.compress(table, LEVEL)
    xref = _stream(len(where) - 1, about + b"/Filter /FlateDecode", packed)
    return b"%sstartxref\n%d\n%%%%EOF\n" % (xref, end)
