"""What the file of a pack has around its text: nothing that acts, covers a page or is a file apart.

A viewer shows more of a PDF than the text of its pages: notes and stamps over them, forms, scripts,
files that hang on a page. Nothing of that is in a pack, so whatever a part of the file has beside
the names that a pack gives it is refused, and not looked into. Sources: ISO 32000-2 7.7 and 12.5.
"""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# pyright: reportUnknownArgumentType=false, reportUnknownVariableType=false

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

from assaybook.domain.errors import SubmitterError

if TYPE_CHECKING:
    from pyhanko.pdf_utils.reader import PdfFileReader

_CATALOG: Final = frozenset(
    {
        *("/AF", "/AcroForm", "/Lang", "/MarkInfo", "/Metadata", "/Names", "/Outlines"),
        *("/OutputIntents", "/Pages", "/Perms", "/StructTreeRoot", "/Type", "/ViewerPreferences"),
    }
)
_PAGE: Final = frozenset(
    {
        *("/Annots", "/BleedBox", "/Contents", "/MediaBox", "/Parent", "/Resources"),
        *("/StructParents", "/Tabs", "/TrimBox", "/Type"),
    }
)
_LINK: Final = frozenset(
    {"/BS", "/Border", "/Contents", "/Dest", "/F", "/Rect", "/StructParent", "/Subtype", "/Type"}
)
_FIELD: Final = frozenset(
    {"/F", "/FT", "/P", "/Rect", "/StructParent", "/Subtype", "/T", "/TU", "/Type", "/V"}
)
_NOTES: Final = {"/Link": _LINK, "/Widget": _FIELD}
_MARK: Final = frozenset(
    {"/Count", "/Dest", "/First", "/Last", "/Next", "/Parent", "/Prev", "/Title", "/Type"}
)
_MOST_MARKS: Final = 100_000


def see_frame(document: "PdfFileReader", pages: Iterable[Any]) -> None:
    """See that a file has around its pages what a pack has, and nothing else.

    Raises:
        SubmitterError: ``pdf-otherwise``, or ``attachment-extra``: a file beside the list of parts.
    """
    root = document.root
    _only(root, _CATALOG, "the catalog")
    _only(root["/Names"], {"/Dests", "/EmbeddedFiles"}, "the lists of names")
    _only(root["/AcroForm"], {"/Fields", "/SigFlags"}, "the form")
    _see_files(root)
    for number, page in enumerate(pages, 1):
        _only(page, _PAGE, f"page {number}")
        for one in _items(page["/Annots"]) if "/Annots" in page else ():
            where, kind = f"a note on page {number}", str(one["/Subtype"])
            if kind not in _NOTES:
                raise _otherwise(where, f"it is a {kind[:40]}, which no pack has there")
            _only(one, _NOTES[kind], where)
    for field in _items(root["/AcroForm"]["/Fields"]):
        _only(field, _FIELD, "the field of the signature")
    for mark in _marks(root["/Outlines"]) if "/Outlines" in root else ():
        _only(mark, _MARK, "a bookmark")


def _see_files(root: Any) -> None:  # noqa: ANN401 - an object of the library
    """See that the files that belong to the document are those of its list."""
    listed = root["/Names"]["/EmbeddedFiles"]["/Names"]
    known = {listed.raw_get(place).idnum for place in range(1, len(listed), 2)}
    if "/AF" not in root:
        return
    named = root["/AF"]
    if any(named.raw_get(place).idnum not in known for place in range(len(named))):
        message = "a file belongs to the document, and is not in its list of parts"
        raise SubmitterError("attachment-extra", message, where="the catalog")


def _marks(outlines: Any) -> Iterator[Any]:  # noqa: ANN401
    """Yield every bookmark once; a chain that comes back to itself ends there."""
    waiting, seen = [outlines], 0
    while waiting:
        node = waiting.pop()
        seen += 1
        if seen > _MOST_MARKS:
            raise _otherwise("the bookmarks", "there are too many")
        if node is not outlines:
            yield node
        waiting += [node[name] for name in ("/Next", "/First") if name in node]


def _items(listed: Any) -> Iterator[Any]:  # noqa: ANN401
    """Yield what a list of the library holds, and not its references."""
    for place in range(len(listed)):
        yield listed[place]


def _only(node: Any, names: Iterable[str], where: str) -> None:  # noqa: ANN401
    more = sorted(set(node.keys()) - set(names))
    if more:
        raise _otherwise(where, f"it has {more[0][:40]}, which no pack has there")


def _otherwise(where: str, message: str) -> SubmitterError:
    return SubmitterError("pdf-otherwise", message, where=where)
