"""The PDF of an audit pack: under which names it carries the parts, and what its pages print.

Beside `verify_pack.py`. It reads what the pages of a pack are made of (ISO 32000-2), and refuses
what they never hold, rather than read it halfway.
"""
# ruff: noqa: ANN401 - PDF has no schema

import json
import re
import zlib
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from verify_pack import BadError, instant, need

SPACE = rb"[\x00\t\n\f\r ]*"
TOKEN = re.compile(
    SPACE + rb"(<<|>>|[\[\]]|\((?:\\.|[^\\()])*\)|<[0-9A-Fa-f\s]*>"
    rb"|/[^\s/<>\[\](){}%]*|[^\s/<>\[\](){}%]+)",
    re.DOTALL,
)
REFERENCE = re.compile(SPACE + rb"(\d+) +0 +R\b")
SHOWN = re.compile(rb"(/\S+)\s+\S+\s+Tf\b|(/\S+)\s+Do\b|(?:\[([^\[\]]*)\]\s*TJ|(<[^<>]*>)\s*Tj)\b")
ODD = re.compile(rb"[(%'\"#]|\bBI\b|/ActualText|[^0\s]\s+Tr\b")
DEEPEST = 8
VERDICT = (
    r"PASS|FAIL(?:\((?:WAIVED|BASELINED)\))?|INCONCLUSIVE|ERROR|NOTAPPLICABLE|NOTHINGJUDGED"
    r"|DOESNOTCONFORM|NOTDETERMINED|CONFORMS(?:WITHEXCEPTIONS)?"
)

GRAVEST = (
    *("does not conform", "not determined", "nothing judged", "conforms with exceptions"),
    "conforms",
)
MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September"),
    *("October", "November", "December"),
)
COVER = r"Resultasof\d{1,2}[A-Z][a-z]+\d{4},\d\d:\d\dUTC(?:Doesnotconform|Notdetermined|"
COVER += r"Nothingjudged|Conforms(?:withexceptions)?)"


CATALOG = (
    "AF AcroForm Lang MarkInfo Metadata Names Outlines OutputIntents Pages Perms StructTreeRoot "
    "Type ViewerPreferences"
)
PAGE = "Annots BleedBox Contents MediaBox Parent Resources StructParents Tabs TrimBox Type"
NOTES = {
    "/Link": "BS Border Contents Dest F Rect StructParent Subtype Type",
    "/Widget": "F FT P Rect StructParent Subtype T TU Type V",
}
MARK = "Count Dest First Last Next Parent Prev Title Type"
MOST_MARKS = 100_000


class Ref(int):
    """The number of a PDF object."""


def token_at(raw: bytes, at: int) -> tuple[bytes, int]:
    """Return the next token of a PDF, and where it ends."""
    found = TOKEN.match(raw, at)
    if found is None:
        raise BadError("pdf-unreadable")
    return found[1], found.end()


def value(raw: bytes, at: int) -> tuple[Any, int]:
    """Return the object of a PDF that begins at a place, and where it ends."""
    if found := REFERENCE.match(raw, at):
        return Ref(found[1]), found.end()
    token, at = token_at(raw, at)
    if token in {b"<<", b"["}:
        items: list[Any] = []
        while (ahead := token_at(raw, at))[0] not in {b">>", b"]"}:
            item, at = value(raw, at)
            items.append(item)
        named = dict(zip(items[::2], items[1::2], strict=False))
        return (named if token == b"<<" else items), ahead[1]
    if token[:1] == b"(":
        return re.sub(rb"\\([0-7]{3})", lambda o: bytes([int(o[1], 8)]), token[1:-1]), at
    if token[:1] == b"<":
        return bytes.fromhex(token[1:-1].decode()), at
    return (float(token) if re.fullmatch(rb"[-\d.]+", token) else token.decode("latin-1")), at


def cut(raw: bytes, width: int) -> list[bytes]:
    """Return bytes in pieces of a width."""
    return [raw[at : at + width] for at in range(0, len(raw), width)]


class Pdf:
    """The objects of a PDF: where a later revision has one too, its own counts."""

    def __init__(self, raw: bytes) -> None:
        """Find all objects, and those that are packed into others."""
        self.raw = raw
        self.known: dict[int, tuple[bytes, int]] = {}
        self.holders: dict[int, int] = {}
        self.maps: dict[int, dict[bytes, str]] = {}
        self.at = {int(m[1]): m.end() for m in re.finditer(rb"(?<=\n)(\d+) 0 obj\b", raw)}
        for name in [Ref(n) for n in self.at if b"/ObjStm" in raw[self.at[n] :][:40]]:
            holder = self.get(name)
            data, first = self.data(holder), int(holder["/First"])
            heads = [int(number) for number in data[:first].split()]
            for number, where in zip(heads[::2], heads[1::2], strict=True):
                self.known.setdefault(number, (data, first + where))
                self.holders.setdefault(number, name)
        self.root = self.get(Ref(re.findall(rb"/Root (\d+) 0 R", raw)[-1]))

    def get(self, found: Any, *names: str) -> Any:
        """Return an object, or that which a reference names, and what it holds under names."""
        if isinstance(found, Ref) and found not in self.at:
            found = value(*self.known[found])[0]
        elif isinstance(found, Ref):
            found, end = value(self.raw, self.at[found])
            if stream := re.compile(SPACE + rb"stream\r?\n").match(self.raw, end):
                found["data"] = self.raw[stream.end() :][: int(self.get(found["/Length"]))]
        return self.get(found[names[0]], *names[1:]) if names else found

    def data(self, found: Any) -> bytes:
        """Return the bytes of a stream."""
        found = self.get(found)
        return zlib.decompress(found["data"]) if "/Filter" in found else found["data"]

    def files(self) -> dict[str, bytes]:
        """Return the embedded files by name."""
        listed, found = self.get(self.root, "/Names", "/EmbeddedFiles", "/Names"), {}
        for key, entry in zip(listed[::2], listed[1::2], strict=True):
            names = {self.get(key), self.get(entry, "/UF"), self.get(entry, "/F")}
            need(len(names) == 1, "attachments-unreadable", "names that differ")
            (name,) = (each.decode() for each in names)
            held = [self.data(one) for one in self.get(entry, "/EF").values()]
            found[name] = self.data(self.get(entry, "/EF", "/F"))
            need(all(one == found[name] for one in held), "attachment-twice", name)
        need(2 * len(found) == len(listed), "attachment-twice", "one name is there twice")
        known = {*listed[1::2]}
        need(known.issuperset(self.get(self.root.get("/AF", []))), "attachment-extra", "/AF")
        return found

    def see_references(self) -> None:
        """See that the cross references lead viewers to the very objects that were found here."""
        told: dict[int, tuple[int, int]] = {}
        at: Any = int(re.findall(rb"startxref\s+(\d+)\s+%%EOF\n\Z", self.raw)[0])
        while at is not None:
            found = re.compile(rb"(\d+) 0 obj\b").match(self.raw, int(at))
            number = int(found[1]) if found else 0
            need(found and self.at.get(number) == found.end(), "pdf-otherwise", "references")
            table = self.get(Ref(number))
            spans = [int(one) for one in table.get("/Index", [0, table["/Size"]])]
            listed = [spans[i] + n for i in range(0, len(spans), 2) for n in range(spans[i + 1])]
            one, two, three = (int(width) for width in table["/W"])
            rows = cut(self.rows(table), one + two + three)
            for place, row in zip(listed, rows, strict=True):
                told.setdefault(place, (row[0], int.from_bytes(row[one : one + two], "big")))
            before, at = at, table.get("/Prev")
            need(at is None or at < before, "pdf-otherwise", "references")
        here = {n: (1, end - len(b"%d 0 obj" % n)) for n, end in self.at.items()}
        inside = {n: (2, holder) for n, holder in self.holders.items() if n not in here}
        same = all(told.get(n) == one for n, one in (here | inside).items())
        need(same, "pdf-otherwise", "references")

    def rows(self, table: dict[str, Any]) -> bytes:
        """Return the bytes of cross references, each row of which may tell what differs above."""
        data, width = self.data(table), int(table.get("/DecodeParms", {}).get("/Columns", 0))
        made, last = [], bytes(width)
        for row in cut(data, width + 1) if width else ():
            need(row[0] == len("up"), "pdf-otherwise", "references")
            last = bytes((a + b) % 256 for a, b in zip(last, row[1:], strict=True))
            made.append(last)
        return b"".join(made) if width else data

    def see_frame(self) -> None:
        """See that around the pages there is nothing that acts, covers them, or is a file apart."""
        self.only(self.root, CATALOG, "the catalog")
        self.only(self.get(self.root["/Names"]), "Dests EmbeddedFiles", "the lists of names")
        form = self.get(self.root["/AcroForm"])
        self.only(form, "Fields SigFlags", "the form")
        for node in self.leaves(self.root["/Pages"]):
            self.only(node, PAGE, "a page")
            for one in map(self.get, self.get(node.get("/Annots", []))):
                need(one["/Subtype"] in NOTES, "pdf-otherwise", f"a note {one['/Subtype']}")
                self.only(one, NOTES[one["/Subtype"]], "a note on a page")
        for field in map(self.get, self.get(form["/Fields"])):
            self.only(field, NOTES["/Widget"], "the field of the signature")
        waiting = [self.root.get("/Outlines", {})]
        for seen, one in enumerate(map(self.get, waiting)):
            need(seen < MOST_MARKS, "pdf-otherwise", "bookmarks")
            self.only(one, MARK, "a bookmark")
            waiting += [one[name] for name in ("/Next", "/First") if name in one]

    def only(self, node: dict[str, Any], names: str, where: str) -> None:
        """See that a dictionary holds no other names than these."""
        more = sorted(node.keys() - {f"/{name}" for name in names.split()})
        need(not more, "pdf-otherwise", f"{where}: {more[:1]}")

    def leaves(self, node: Any, depth: int = 0) -> list[dict[str, Any]]:
        """Return the pages under a node."""
        node = self.get(node)
        need(depth <= DEEPEST, "pages-unreadable")
        if "/Kids" not in node:
            return [node]
        kids = self.get(node["/Kids"])
        return [page for one in kids for page in self.leaves(one, depth + 1)]

    def see_signature(self) -> None:
        """See that the one signature field shows the one signature of the file, if it has one."""
        fields = [self.get(one) for one in self.get(self.root, "/AcroForm", "/Fields")]
        shown = [self.get(one["/V"])["/Contents"] for one in fields if "/V" in one]
        digits = re.findall(rb"/Contents <([0-9a-f]+)>\s*/ByteRange", self.raw)
        same = len(fields) == 1 and shown == [bytes.fromhex(one.decode()) for one in digits]
        need(same, "signature-elsewhere")

    def glyphs(self, font: Ref) -> dict[bytes, str]:
        """Return the letters of each glyph of a font."""
        if font not in self.maps:
            text = self.data(self.get(font, "/ToUnicode"))
            need(b"beginbfrange" not in text, "pages-unreadable")
            pairs = re.findall(rb"^<(\w{4})> <(\w+)>$", text, re.MULTILINE)
            self.maps[font] = {g: bytes.fromhex(u.decode()).decode("utf-16-be") for g, u in pairs}
        return self.maps[font]

    def text(self, node: Any, outer: Any = None, depth: int = 0) -> str:
        """Return what a page, a form, or all pages under a node show, as viewers copy it."""
        node, shown, letters = self.get(node), [], {}
        need(depth <= DEEPEST, "pages-unreadable")
        inner = self.get(node.get("/Resources", outer))
        if "/Kids" in node:
            return "".join(self.text(one, inner, depth + 1) for one in self.get(node["/Kids"]))
        drawn = [node] if "data" in node else self.get(node["/Contents"])
        raw = b"\n".join(map(self.data, drawn if isinstance(drawn, list) else [node["/Contents"]]))
        need(not ODD.search(raw), "pages-unreadable")
        for font, form, several, one in SHOWN.findall(raw):
            if font:
                letters = self.glyphs(self.get(inner, "/Font")[font.decode()])
            elif form and self.get(inner, "/XObject", form.decode(), "/Subtype") == "/Form":
                shown.append(self.text(inner["/XObject"][form.decode()], inner, depth + 1))
            else:
                codes = b"".join(re.findall(rb"<(\w*)>", several or one))
                need(len(codes) % 4 == 0, "pages-unreadable", "half a glyph")
                shown += [letters.get(each, "\ufffd") for each in cut(codes, 4)]
        return "".join("".join(shown).split())


@contextmanager
def reading(code: str) -> Generator[None]:
    """Name what is read, whatever its bytes lead to."""
    try:
        yield
    except (LookupError, TypeError, ValueError, RecursionError, zlib.error) as error:
        raise BadError(code, type(error).__name__) from error


def squeezed(text: str) -> str:
    """Return a text without white space."""
    return "".join(text.split())


def cover(found: Any) -> str:
    """Return what the cover says in large of findings: as of when, and the gravest conclusion."""
    at = instant(found["assessment"]["as_of"])
    words = [one["words"] for one in found["conclusion"]]
    worst = min(words, key=GRAVEST.index, default="nothing judged").capitalize()
    return squeezed(f"Result as of {at.day} {MONTHS[at.month - 1]} {at:%Y, %H:%M} UTC {worst}")


def see_pdf(raw: bytes, files: dict[str, bytes], lines: set[str], told: list[str]) -> None:
    """See that a PDF carries the parts under their names, and prints the verdicts that are told."""
    with reading("pdf-unreadable"):
        pdf = Pdf(raw)
    with reading("signature-elsewhere"):
        pdf.see_signature()
    with reading("attachments-unreadable"):
        need(pdf.files() == files, "attachment-elsewhere")
    with reading("pages-unreadable"):
        pdf.see_references()
        pdf.see_frame()
        text = pdf.text(pdf.root["/Pages"])
    names = sorted({squeezed(one.rpartition(":")[0]) for one in lines}, key=len, reverse=True)
    line = f"(?:{'|'.join(map(re.escape, names)) or '(?!)'}):(?:{VERDICT})"
    need(Counter(re.findall(line, text)) == Counter(map(squeezed, told)), "pages-otherwise")
    need(re.findall(COVER, text) == [cover(json.loads(files["findings.json"]))], "pages-otherwise")
