"""Safe XML: elements as plain values, each with its line; DTDs and entities are refused.

The expat of the standard library reads. A document type declaration ends the reading before
anything in it is looked at, so there are no entities, no expansion and no fetching. What is built
is bounded as it is built.

Source: XML 1.0 and Namespaces in XML 1.0.
"""

from typing import Any, Final
from xml.parsers import expat

from assaybook.domain.errors import SubmitterError
from assaybook.intake.json_odd import too_deep, too_much
from assaybook.intake.limits import Limits
from assaybook.intake.raw import AS_WRITTEN
from assaybook.intake.values import Json, count, mapping, sequence

_MOST_ITEMS: Final = 200_000
"""Elements and attributes in all; each costs some hundred bytes."""
_MOST_OTHERS: Final = 5 * _MOST_ITEMS
"""Comments, instructions and CDATA sections, and what looks like their beginning."""
_PART: Final = 2_000_000
"""Bytes that are looked at together; in so many, some element or text must begin or end."""
_LONGEST_TEXT: Final = 100_000
"""Characters of an element's own text that are kept; the output of a test can be far longer."""
_PLAIN: Final = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})


def read_xml(raw: bytes, name: str, limits: Limits) -> Json:
    """Read an XML document in UTF-8 as its root element.

    An element is ``{"tag", "namespace", "line", "attributes", "text", "children"}``. ``tag`` is
    without prefix, ``text`` is the element's own text, of which 100,000 characters are kept.
    Attributes that have a prefix are left out.

    Raises:
        SubmitterError: ``xml-malformed``, ``xml-not-allowed``, ``encoding-not-utf8``,
            ``document-too-deep`` or ``document-too-large``.
    """
    # Only a comment, a CDATA section or an instruction can hold what looks like the end of one.
    others = raw.count(b"<!") + raw.count(b"<?", 1)
    if others > _MOST_OTHERS or (not others and raw.count(b"</") > _MOST_ITEMS):
        raise _too_many(name)
    whole = memoryview(raw)
    parser = expat.ParserCreate("utf-8", " ")
    parser.buffer_text = True
    fold = _Fold(name, limits, parser, ascii_only=raw.isascii())
    try:
        for start in range(0, len(raw), _PART):
            seen = fold.events
            parser.Parse(whole[start : start + _PART], start + _PART >= len(raw))
            if fold.events == seen and start + _PART < len(raw):
                raise _too_long(name)
    except expat.ExpatError as error:
        raise SubmitterError(
            "xml-malformed",
            f"this is not XML: {expat.ErrorString(error.code)}",
            where=f"{name}:{error.lineno}:{error.offset + 1}",
            hint=AS_WRITTEN,
        ) from error
    return fold.root


def _too_many(name: str) -> SubmitterError:
    return too_much(f"the document has more than {_MOST_ITEMS} elements and attributes", name)


def _too_long(name: str) -> SubmitterError:
    return too_much(f"a tag, a comment or a gap has more than {_PART} bytes", name)


def tag(element: Json) -> str:
    """Return the name of an element without its prefix, or "" for anything else."""
    return str(element.get("tag") or "") if isinstance(element, dict) else ""


def namespace(element: Json) -> str:
    """Return the namespace of an element, or "" where it has none."""
    return str(mapping(element).get("namespace") or "")


def line(element: Json) -> int:
    """Return the line at which an element begins, from 1."""
    found = element.get("line") if isinstance(element, dict) else None
    return count(found) or 1


def place(element: Json) -> str:
    """Return where an element is, as a fact's pointer says it."""
    return f"line {line(element)}"


def attribute(element: Json, name: str) -> str | None:
    """Return an attribute, or None where the element does not have it."""
    held = element.get("attributes") if isinstance(element, dict) else None
    found = held.get(name) if isinstance(held, dict) else None
    return found if isinstance(found, str) else None


def attributes(element: Json) -> dict[str, Json]:
    """Return all attributes of an element."""
    return mapping(element.get("attributes")) if isinstance(element, dict) else {}


def own_text(element: Json) -> str:
    """Return the text that stands directly in an element."""
    found = mapping(element).get("text")
    return found if isinstance(found, str) else ""


def children(element: Json, *tags: str) -> list[Json]:
    """Return the elements directly in an element: all, or those of some names."""
    held = sequence(element.get("children")) if isinstance(element, dict) else []
    if not tags or not held:
        return held
    return [one for one in held if isinstance(one, dict) and one.get("tag") in tags]


def child(element: Json, name: str) -> Json:
    """Return the first element of a name directly in an element, or None."""
    return next(iter(children(element, name)), None)


class _Fold:
    """Folds expat's events into elements; the stack holds those that are open, and their texts."""

    __slots__ = (
        *("_ascii_only", "_depth", "_items", "_name", "_open", "_parser", "_texts", "events"),
        *("_lengths", "root"),
    )

    def __init__(
        self, name: str, limits: Limits, parser: expat.XMLParserType, *, ascii_only: bool
    ) -> None:
        self.root: Json = None
        self.events = 0
        self._name = name
        self._depth = limits.depth
        self._ascii_only = ascii_only
        self._items = 0
        self._open: list[dict[str, Any]] = []
        self._texts: list[list[str]] = []
        self._lengths: list[int] = []
        self._parser = parser
        parser.XmlDeclHandler = self._declaration
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text

    def _declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if encoding and encoding.lower() not in _PLAIN and not self._ascii_only:
            raise SubmitterError(
                "encoding-not-utf8",
                f"it says that it is {encoding[:40]}, and its bytes are UTF-8",
                where=self._name,
                hint="Convert it to UTF-8, declaration and bytes, and submit it again.",
            )

    def _doctype(self, _name: str, _system: str | None, _public: str | None, _inner: int) -> None:
        raise SubmitterError(
            "xml-not-allowed",
            "the document has a document type declaration, and such are not read",
            where=f"{self._name}:{self._parser.CurrentLineNumber}",
            hint="Write the report without DOCTYPE and entities; no report of a tool needs them.",
        )

    def _start(self, name: str, found: dict[str, str]) -> None:
        self.events += 1
        self._items += 1 + len(found)
        if self._items > _MOST_ITEMS:
            raise _too_many(self._name)
        line = self._parser.CurrentLineNumber
        if len(self._open) >= self._depth:
            raise too_deep(f"{self._name}:{line}")
        space, _, local = name.rpartition(" ")
        if found and " " in "".join(found):
            found = {key: one for key, one in found.items() if " " not in key}
        element: dict[str, Any] = {
            "tag": local,
            "namespace": space,
            "line": line,
            "attributes": found,
            "text": "",
            "children": [],
        }
        if self._open:
            self._open[-1]["children"].append(element)
        else:
            self.root = element
        self._open.append(element)
        self._texts.append([])
        self._lengths.append(0)

    def _end(self, _name: str) -> None:
        self.events += 1
        element, texts = self._open.pop(), self._texts.pop()
        self._lengths.pop()
        if texts:
            element["text"] = "".join(texts)

    def _text(self, text: str) -> None:
        self.events += 1
        length = self._lengths[-1]
        if length < _LONGEST_TEXT:
            self._texts[-1].append(text[: _LONGEST_TEXT - length])
            self._lengths[-1] = length + len(text)
