"""A painted part as bytes for a file, and back: data only, so that no file can make anything run.

The form is that of bencoding: numbers as ``i7e``, bytes as ``3:abc``, lists as ``l...e``. What was
not written by ``packed`` is refused, whatever it is.
"""

from collections.abc import Callable, Iterable
from typing import Final, TypeAlias, TypeVar

from assaybook.reporting.pdf.paint import PageText, Painted

Item: TypeAlias = "int | bytes | list[Item]"
_First = TypeVar("_First")
_Second = TypeVar("_Second")
_MOST_DIGITS: Final = 12
_DEEPEST: Final = 6


def packed(painted: Painted) -> bytes:
    """Return a part as bytes."""
    out: list[bytes] = []
    _write(
        [
            [list(body) if isinstance(body, tuple) else body for body in painted.objects],
            [_page(each) for each in painted.texts],
            painted.pages,
            [list(each) for each in painted.parents],
            painted.annotations,
            painted.elements,
            [list(each) for each in painted.bookmarks],
            painted.adopted,
            [list(each) for each in painted.targets],
            [list(each) for each in painted.fonts],
            [[name.encode(), place] for name, place in painted.root.items()],
            [[name.encode(), value] for name, value in painted.catalog.items()],
            painted.info,
        ],
        out,
    )
    return b"".join(out)


def _page(text: PageText) -> list[object]:
    entries = [list(each) for each in text.entries]
    return [text.place, text.before, list(text.glyphs), text.after, text.digit_width, entries]


def unpacked(data: bytes) -> Painted:
    """Return the part that ``packed`` made these bytes of.

    Raises:
        ValueError: it did not make them.
    """
    fields = _list(_read(data))
    (objects, texts, pages, parents, annotations, elements, bookmarks) = fields[:7]
    (adopted, targets, fonts, root, catalog, info) = fields[7:]
    return Painted(
        objects=[_body(each) for each in _list(objects)],
        texts=[_text(each) for each in _list(texts)],
        pages=_numbers(pages),
        parents=[tuple(_numbers(each)) for each in _list(parents)],
        annotations=_numbers(annotations),
        elements=_numbers(elements),
        bookmarks=_pairs(bookmarks, _number, _number),
        adopted=_number(adopted),
        targets=_pairs(targets, _bytes, _bytes),
        fonts=_pairs(fonts, _bytes, _number),
        root=dict(_pairs(root, _word, _number)),
        catalog=dict(_pairs(catalog, _word, _bytes)),
        info=_bytes(info),
    )


def _write(item: "Iterable[object] | bytes | int", out: list[bytes]) -> None:
    if isinstance(item, int):
        out.append(b"i%de" % item)
    elif isinstance(item, bytes):
        out.append(b"%d:" % len(item))
        out.append(item)
    else:
        out.append(b"l")
        for each in item:
            _write(each, out)  # type: ignore[arg-type]  # lists of lists, to any depth of ours
        out.append(b"e")


def _read(data: bytes) -> Item:
    """Return the one item that ``data`` is."""
    held: list[list[Item]] = [[]]
    at = 0
    while at < len(data):
        kind = data[at : at + 1]
        if kind == b"l" and len(held) <= _DEEPEST:
            held.append([])
            at += 1
        elif kind == b"e" and len(held) > 1:
            done = held.pop()
            held[-1].append(done)
            at += 1
        elif kind == b"i":
            end = data.index(b"e", at, at + _MOST_DIGITS)
            held[-1].append(int(data[at + 1 : end]))
            at = end + 1
        else:
            colon = data.index(b":", at, at + _MOST_DIGITS)
            start, end = colon + 1, colon + 1 + int(data[at:colon])
            if not start <= end <= len(data):
                raise ValueError("bytes are missing")
            held[-1].append(data[start:end])
            at = end
    ((whole,),) = held
    return whole


def _list(item: Item) -> list[Item]:
    if not isinstance(item, list):
        raise ValueError("no list")  # noqa: TRY004 - to the caller all of it is a wrong value
    return item


def _number(item: Item) -> int:
    if not isinstance(item, int):
        raise ValueError("no number")  # noqa: TRY004
    return item


def _bytes(item: Item) -> bytes:
    if not isinstance(item, bytes):
        raise ValueError("no bytes")  # noqa: TRY004
    return item


def _word(item: Item) -> str:
    return _bytes(item).decode("ascii")


def _numbers(item: Item) -> list[int]:
    return [_number(each) for each in _list(item)]


def _pairs(
    item: Item, first: Callable[[Item], _First], second: Callable[[Item], _Second]
) -> list[tuple[_First, _Second]]:
    return [(first(one), second(two)) for one, two in map(_list, _list(item))]


def _body(item: Item) -> bytes | tuple[bytes, bytes]:
    if isinstance(item, bytes):
        return item
    about, data = _list(item)
    return _bytes(about), _bytes(data)


def _text(item: Item) -> PageText:
    place, before, glyphs, after, width, entries = _list(item)
    return PageText(
        _number(place),
        _bytes(before),
        tuple(_bytes(glyph) for glyph in _list(glyphs)),
        _bytes(after),
        _number(width),
        tuple(_pairs(entries, _bytes, _bytes)),
    )
