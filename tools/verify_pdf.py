"""The PDF of an audit pack: under which names it carries the parts, and what its pages print.

Beside `verify_pack.py`. It reads what the pages of a pack are made of (ISO 32000-2), and refuses
what they never hold, rather than read it halfway.
"""
# ruff: noqa: ANN401 - PDF has no schema

import json
import re
import zlib
from collections import Counter
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


class Pdf:
    """The objects of a PDF: where a later revision has one too, its own counts."""

    def __init__(self, raw: bytes) -> None:
        """Find all objects, and those that are packed into others."""
        self.raw = raw
        self.known: dict[int, tuple[bytes, int]] = {}
        self.maps: dict[int, dict[bytes, str]] = {}
        self.at = {int(m[1]): m.end() for m in re.finditer(rb"(?<=\n)(\d+) 0 obj\b", raw)}
        for holder in [self.get(Ref(n)) for n in self.at if b"/ObjStm" in raw[self.at[n] :][:40]]:
            data, first = self.data(holder), int(holder["/First"])
            heads = [int(number) for number in data[:first].split()]
            for number, where in zip(heads[::2], heads[1::2], strict=True):
                self.known.setdefault(number, (data, first + where))
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
            (name,) = (each.decode() for each in names)
            need(name not in found, "attachment-twice", name)
            found[name] = self.data(self.get(entry, "/EF", "/F"))
        return found

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
        need(not re.search(rb"[(%'\"]|\bBI\b", raw), "pages-unreadable")
        for font, form, several, one in SHOWN.findall(raw):
            if font:
                letters = self.glyphs(self.get(inner, "/Font")[font.decode()])
            elif form and self.get(inner, "/XObject", form.decode(), "/Subtype") == "/Form":
                shown.append(self.text(inner["/XObject"][form.decode()], inner, depth + 1))
            else:
                codes = b"".join(re.findall(rb"<(\w*)>", several or one))
                shown += [letters[codes[at : at + 4]] for at in range(0, len(codes), 4)]
        return "".join("".join(shown).split())


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
    pdf = Pdf(raw)
    pdf.see_signature()
    need(pdf.files() == files, "attachment-elsewhere")
    names = sorted({squeezed(one.rpartition(":")[0]) for one in lines}, key=len, reverse=True)
    line = f"(?:{'|'.join(map(re.escape, names)) or '(?!)'}):(?:{VERDICT})"
    text = pdf.text(pdf.root["/Pages"])
    need(Counter(re.findall(line, text)) == Counter(map(squeezed, told)), "pages-otherwise")
    need(re.findall(COVER, text) == [cover(json.loads(files["findings.json"]))], "pages-otherwise")
