"""Tamperings of whoever has which keys, by rule: each part in each form, and the file around it."""

import json
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream

from assaybook.domain.attachment import CHECKPOINT, FINDINGS, MANIFEST
from support.verifying import MADE, World, attachments, laid_out, shown_of, signed, with_files

_TURNS: Final = 3
"""A third of the forms for each part: what is judged again each time takes its time."""
Change = Callable[[pikepdf.Pdf], None]


@dataclass(frozen=True)
class Tampering:
    """What was done, and the file that came of it."""

    name: str
    made: Callable[[World], bytes]


def _spoilt(raw: bytes) -> Mapping[str, bytes]:
    """Return a part of JSON in every form in which it may not be."""
    value = json.loads(raw)
    return {
        "is cut": raw[:-1],
        "has a blank behind": raw + b" ",
        "has a line feed behind": raw + b"\n",
        "begins with a mark of its encoding": b"\xef\xbb\xbf" + raw,
        "is not UTF-8": raw[:1] + b"\xff" + raw[1:],
        "is null": b"null",
        "is a list": b"[]",
        "is empty": b"{}",
        "says a name twice": raw.replace(b"{", b'{"kind":"x",', 1),
        "says a name more": json.dumps({**value, "zz": 1}, separators=(",", ":")).encode(),
        "holds no number": raw.replace(b"{", b'{"a":NaN,', 1),
        "is too deep": b"[" * 100_000 + b"]" * 100_000,
        "has blanks in it": json.dumps(value).encode(),
        "escapes a letter": raw.replace(b'"k', b'"\\u006b', 1),
    }


def _packed(files: Mapping[str, bytes]) -> Callable[[World], bytes]:
    return lambda world: world.packed(files)


def _relisted(files: Mapping[str, bytes]) -> Callable[[World], bytes]:
    return lambda world: world.packed(world.relisted(files))


def of_parts(world: World) -> Iterator[Tampering]:
    """Yield every part gone, twice, and, each in its turn, in some of the forms that are none."""
    for turn, (name, raw) in enumerate(sorted(world.files.items())):
        gone = {each: data for each, data in world.files.items() if each != name}
        more = {**world.files, f"copy.{name}": raw}
        yield Tampering(f"{name} is gone", _packed(gone))
        yield Tampering(f"{name} is there twice", _packed(more))
        if name == MANIFEST:
            continue
        yield Tampering(f"{name} is listed twice", _relisted(more))
        if name != CHECKPOINT:
            yield from _listed_forms(name, raw, turn, world.files)


def _listed_forms(
    name: str, raw: bytes, turn: int, all_: Mapping[str, bytes]
) -> Iterator[Tampering]:
    forms = [*_spoilt(raw).items()]
    for how, data in forms[turn % _TURNS :: _TURNS]:
        files = {**all_, name: data}
        if data != raw:
            yield Tampering(f"{name} {how}", _relisted(files))


def _saved(document: pikepdf.Pdf) -> bytes:
    target = BytesIO()
    mode = pikepdf.ObjectStreamMode.generate
    document.save(target, deterministic_id=True, object_stream_mode=mode)
    return target.getvalue()


def _around(change: Change) -> Callable[[World], bytes]:
    """Change the file around the pages, and sign it with the keys of the pack."""

    def made(world: World) -> bytes:
        with pikepdf.open(BytesIO(with_files(world.pages, world.files))) as document:
            change(document)
            raw = _saved(document)
        return signed(raw, world.keys, world.sources.made_at or MADE)

    return made


def _spec(document: pikepdf.Pdf) -> Any:
    listed = document.Root.Names.EmbeddedFiles.Names
    places = range(0, len(listed), 2)
    return next(listed[place + 1] for place in places if str(listed[place]) == FINDINGS)


def _lie(document: pikepdf.Pdf) -> Any:
    return document.make_indirect(Stream(document, b'{"findings":"all pass"}'))


def _file(document: pikepdf.Pdf) -> Any:
    named = Dictionary(Type=Name.Filespec, F=FINDINGS, UF=FINDINGS)
    named.EF = Dictionary(F=_lie(document))
    return document.make_indirect(named)


def _second_content(document: pikepdf.Pdf) -> None:
    _spec(document).EF.UF = _lie(document)


def _second_of_a_name(document: pikepdf.Pdf) -> None:
    listed = document.Root.Names.EmbeddedFiles.Names
    listed.extend([pikepdf.String(FINDINGS), _file(document)])


def _in_kids(document: pikepdf.Pdf) -> None:
    tree = document.Root.Names.EmbeddedFiles
    leaf = document.make_indirect(Dictionary(Names=tree.Names))
    del tree.Names
    tree.Kids = Array([leaf])


def _beside_the_list(document: pikepdf.Pdf) -> None:
    document.Root.AF = Array([*document.Root.get("/AF", Array()), _file(document)])


def _other_name(document: pikepdf.Pdf) -> None:
    _spec(document).UF = "finding.json"


def _note(kind: str, **more: Any) -> Change:
    def change(document: pikepdf.Pdf) -> None:
        page = document.pages[0]
        note = Dictionary(Type=Name.Annot, Subtype=Name(kind), Rect=[50, 700, 500, 800], **more)
        page.Annots = Array([*page.get("/Annots", Array()), document.make_indirect(note)])

    return change


def _attached(document: pikepdf.Pdf) -> None:
    _note("/FileAttachment", FS=_file(document))(document)


def _stamped(document: pikepdf.Pdf) -> None:
    drawn = Stream(document, b"0 0 500 100 re f")
    drawn.Type, drawn.Subtype = Name.XObject, Name.Form
    drawn.BBox = Array([0, 0, 500, 100])
    _note("/Link", AP=Dictionary(N=document.make_indirect(drawn)))(document)


def _script() -> Dictionary:
    return Dictionary(S=Name.JavaScript, JS="app.alert(1)")


def _in_root(name: str, value: Callable[[], Any]) -> Change:
    return lambda document: document.Root.__setitem__(name, value())


def _in_names(document: pikepdf.Pdf) -> None:
    document.Root.Names["/JavaScript"] = Dictionary(Names=Array([pikepdf.String("a"), _script()]))


def _in_form(document: pikepdf.Pdf) -> None:
    document.Root.AcroForm["/XFA"] = document.make_indirect(Stream(document, b"<x/>"))


def _on_page(name: str, value: Any) -> Change:
    return lambda document: document.pages[0].__setitem__(name, value)


def _drawn(change: Callable[[bytes], bytes]) -> Change:
    def changed(document: pikepdf.Pdf) -> None:
        page = document.pages[0]
        raw = change(page.Contents.read_bytes())
        page.Contents = document.make_indirect(Stream(document, raw))

    return changed


def _nested(document: pikepdf.Pdf) -> None:
    for _ in range(12):
        pages = document.Root.Pages
        above = Dictionary(Type=Name.Pages, Kids=Array([pages]), Count=pages.Count)
        document.Root.Pages = document.make_indirect(above)


def _bookmarked(document: pikepdf.Pdf) -> None:
    mark = document.make_indirect(Dictionary(Title="x", A=_script()))
    document.Root.Outlines = document.make_indirect(Dictionary(First=mark, Last=mark, Count=1))


def _with_pages_of_two_minds(world: World) -> bytes:
    """Let cross references lead to lying pages, and whoever looks for objects find true ones."""
    told = shown_of(world.judgement)
    lines = [line.replace("PASS", "FAIL") for line in told]
    carried = with_files(laid_out(world.folder, lines, attachments(world.files)), dict(world.files))
    with pikepdf.open(BytesIO(world.pages)) as document:
        true = [page.Contents.read_bytes() for page in document.pages]
    with pikepdf.open(BytesIO(carried)) as document:
        numbers = [page.Contents.objgen[0] for page in document.pages]
    more = b""
    for number, raw in zip(numbers, true, strict=True):
        data = zlib.compress(raw)
        head = b"%d 0 obj\n<< /Filter /FlateDecode /Length %d >>\n" % (number, len(data))
        more += head + b"stream\n" + data + b"\nendstream\nendobj\n"
    end = carried.rindex(b"startxref\n")
    raw = carried[:end] + more + carried[end:]
    return signed(raw, world.keys, world.sources.made_at or MADE)


AROUND: Final[Mapping[str, Change]] = {
    "a part has another content under its second name": _second_content,
    "a part is there twice under one name": _second_of_a_name,
    "the parts are in a tree": _in_kids,
    "a file belongs to the document and is no part": _beside_the_list,
    "a file hangs on a page": _attached,
    "a part has two names": _other_name,
    "a text stands on a page": _note("/FreeText", Contents="All conforms"),
    "a stamp stands on a page": _note("/Stamp"),
    "a link covers a page": _stamped,
    "a link leads away": _note("/Link", A=Dictionary(S=Name.URI, URI="https://example.org/")),
    "a link starts a program": _note("/Link", A=Dictionary(S=Name.Launch, F="x.exe")),
    "a script runs when it is opened": _in_root("/OpenAction", _script),
    "a script runs when it is closed": _in_root("/AA", lambda: Dictionary(WC=_script())),
    "a script has a name": _in_names,
    "a script is behind a bookmark": _bookmarked,
    "a page runs a script": _on_page("/AA", Dictionary(O=_script())),
    "layers can be switched": _in_root("/OCProperties", lambda: Dictionary(OCGs=[])),
    "it is shown as a collection": _in_root("/Collection", lambda: Dictionary(D="bundle.json")),
    "it has a form of another kind": _in_form,
    "a page is cropped away": _on_page("/CropBox", Array([0, 0, 1, 1])),
    "a page is upside down": _on_page("/Rotate", 180),
    "a page is gone": lambda document: document.pages.__delitem__(0),
    "a page is there twice": lambda document: document.pages.append(document.pages[0]),
    "pages are nested too deeply": _nested,
    "pages go round": lambda document: document.Root.Pages.Kids.append(document.Root.Pages),
    "text is drawn and not seen": _drawn(lambda raw: raw + b"\nBT 3 Tr ET"),
    "text is read otherwise than it looks": _drawn(
        lambda raw: b"/Span <</ActualText <FEFF0050>>> BDC\n" + raw + b"\nEMC"
    ),
    "a name is written with digits": _drawn(lambda raw: raw + b"\n/Sp#61n BMC EMC"),
    "a picture stands in the text": _drawn(lambda raw: raw + b"\nBI /W 1 /H 1 ID x EI"),
    "half a glyph is shown": _drawn(lambda raw: raw + b"\nBT <00> Tj ET"),
    "a remark is in the drawing": _drawn(lambda raw: raw + b"\n% <0001> Tj\n"),
}


def of_the_file() -> Iterator[Tampering]:
    """Yield what whoever has all keys can put around the pages."""
    for name, change in AROUND.items():
        yield Tampering(name, _around(change))
    yield Tampering("cross references lead elsewhere", _with_pages_of_two_minds)
