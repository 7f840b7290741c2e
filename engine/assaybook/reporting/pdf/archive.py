"""What turns a tagged PDF into a pack: both standards named, attachments, a place for a signature.

Works on the document in memory, before its bytes are written, so nothing of it is written twice.
Sources: ISO 19005-3 (PDF/A-3), ISO 14289-1 (PDF/UA-1), ISO 32000-1 sections 7.11, 12.7 and 14.7.
"""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# pyright: reportUnknownArgumentType=false, reportUnknownVariableType=false

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from weasyprint.pdf import pydyf

SIGNATURE_FIELD: Final = "PackSignature"
_SIGNATURE_WORDS: Final = "Signature of the audit pack"
_PRINTED_AND_LOCKED: Final = 4 + 128
_SIGNED_AND_ONLY_ADDED_TO: Final = 3
_HEADINGS: Final = {f"/H{level}": level for level in range(1, 7)}
_BOTH_STANDARDS: Final = b"""\
<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" pdfuaid:part="1"/>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
 xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289 that the file follows</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
"""
"""PDF/A asks that a property outside its own list, as that of PDF/UA is, be described."""


@dataclass(frozen=True, slots=True)
class Attached:
    """One file to embed, its fields as in ``assaybook.domain.attachment``."""

    name: str
    media_type: str
    relationship: str
    description: str
    data: bytes


def finish(attachments: Sequence[Attached], _: object, pdf: "pydyf.PDF") -> None:
    """Make a tagged PDF/A-3a also a PDF/UA-1 file with attachments and a signature field."""
    _name_both_standards(pdf)
    _attach(pdf, attachments)
    _close_headings(pdf)
    _prepare_signature(pdf)
    _shorten_catalog(pdf)


def _object(pdf: "pydyf.PDF", reference: bytes) -> "pydyf.Dictionary":
    return pdf.objects[_number(reference)]


def _number(reference: bytes) -> int:
    return int(reference.split()[0])


def _name_both_standards(pdf: "pydyf.PDF") -> None:
    """Add PDF/UA-1 to the metadata and write them as they are: PDF/A-3 wants no filter there."""
    metadata: pydyf.Stream = pdf.objects[_number(pdf.catalog["Metadata"])]
    end = b"</rdf:RDF>"
    before, _, after = metadata.stream[0].rpartition(end)
    metadata.stream = [before + _BOTH_STANDARDS + end + after]
    metadata.compress = False


def _attach(pdf: "pydyf.PDF", attachments: Sequence[Attached]) -> None:
    """Embed the files, each tied to the whole document by its relationship."""
    from weasyprint.pdf import pydyf

    if not attachments:
        return
    specifications: dict[str, bytes] = {}
    for each in attachments:
        checksum = hashlib.md5(each.data, usedforsecurity=False).hexdigest()
        parameters = pydyf.Dictionary({"CheckSum": f"<{checksum}>", "Size": len(each.data)})
        if "ModDate" in pdf.info:
            parameters["ModDate"] = pdf.info["ModDate"]
        about = {
            "Type": "/EmbeddedFile",
            "Subtype": "/" + each.media_type.replace("/", "#2f"),
            "Params": parameters,
        }
        stream = pydyf.Stream([each.data], about, compress=True)
        pdf.add_object(stream)
        specification = pydyf.Dictionary(
            {
                "Type": "/Filespec",
                "F": pydyf.String(each.name),
                "UF": pydyf.String(each.name),
                "Desc": pydyf.String(each.description),
                "AFRelationship": f"/{each.relationship}",
                "EF": pydyf.Dictionary({"F": stream.reference, "UF": stream.reference}),
            }
        )
        pdf.add_object(specification)
        specifications[each.name] = specification.reference
    names = pydyf.Array()
    for name, reference in sorted(specifications.items()):
        names.extend((pydyf.String(name), reference))
    listed = pydyf.Dictionary({"Names": names})
    pdf.add_object(listed)
    pdf.catalog.setdefault("Names", pydyf.Dictionary())["EmbeddedFiles"] = listed.reference
    pdf.catalog["AF"] = pydyf.Array(specifications.values())


def _close_headings(pdf: "pydyf.PDF") -> None:
    """Raise a heading that skips a level, as a section without cards has: PDF/UA allows no skip."""
    depth = 0
    waiting = [_object(pdf, pdf.catalog["StructTreeRoot"])["K"][0]]
    while waiting:
        element = _object(pdf, waiting.pop())
        level = _HEADINGS.get(element.get("S", ""), 0)
        if level:
            depth = min(level, depth + 1)
            element["S"] = f"/H{depth}"
        waiting.extend(each for each in reversed(element.get("K", ())) if isinstance(each, bytes))


def _prepare_signature(pdf: "pydyf.PDF") -> None:
    """Add the empty field that ``sign_pdf`` fills.

    It takes no room on the page, but is a form in the tag tree: a field that a signer makes for
    itself is not, and the file would follow PDF/UA no longer.
    """
    from weasyprint.pdf import pydyf

    first_page = pdf.page_references[0]
    tree = _object(pdf, pdf.catalog["StructTreeRoot"])
    root_element = tree["K"][0]
    numbers = _object(pdf, tree["ParentTree"])["Nums"]
    place = len(numbers) // 2
    field = pydyf.Dictionary(
        {
            "Type": "/Annot",
            "Subtype": "/Widget",
            "FT": "/Sig",
            "T": pydyf.String(SIGNATURE_FIELD),
            "TU": pydyf.String(_SIGNATURE_WORDS),
            "F": _PRINTED_AND_LOCKED,
            "Rect": pydyf.Array([0, 0, 0, 0]),
            "P": first_page,
            "StructParent": place,
        }
    )
    pdf.add_object(field)
    form = pydyf.Dictionary(
        {
            "Type": "/StructElem",
            "S": "/Form",
            "P": root_element,
            "Pg": first_page,
            "Alt": pydyf.String(_SIGNATURE_WORDS),
            "K": pydyf.Array(
                [pydyf.Dictionary({"Type": "/OBJR", "Obj": field.reference, "Pg": first_page})]
            ),
        }
    )
    pdf.add_object(form)
    numbers.extend((place, form.reference))
    _object(pdf, root_element)["K"].append(form.reference)
    _object(pdf, first_page).setdefault("Annots", pydyf.Array()).append(field.reference)
    pdf.catalog["AcroForm"] = pydyf.Dictionary(
        {"Fields": pydyf.Array([field.reference]), "SigFlags": _SIGNED_AND_ONLY_ADDED_TO}
    )


def _shorten_catalog(pdf: "pydyf.PDF") -> None:
    """Put the link targets into an object of their own: a signature writes the catalog again."""
    targets = pdf.catalog.get("Names", {}).get("Dests")
    if targets is not None:
        pdf.add_object(targets)
        pdf.catalog["Names"]["Dests"] = targets.reference
