"""What turns a tagged PDF into a pack: both standards named, attachments, a place for a signature.

Sources: ISO 19005-3 (PDF/A-3), ISO 14289-1 (PDF/UA-1), ISO 32000-1 sections 7.11, 12.7 and 14.7.
"""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# pyright: reportUnknownArgumentType=false, reportUnknownVariableType=false

import hashlib
import zlib
from codecs import BOM_UTF16_BE
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from assaybook.reporting.pdf.join import Whole
from assaybook.reporting.pdf.paint import LEVEL

if TYPE_CHECKING:
    from weasyprint.pdf import pydyf

SIGNATURE_FIELD: Final = "PackSignature"
_SIGNATURE_WORDS: Final = "Signature of the audit pack"
_PRINTED_AND_LOCKED: Final = 4 + 128
_SIGNED_AND_ONLY_ADDED_TO: Final = 3
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


def prepare(pdf: "pydyf.PDF") -> None:
    """Make the first part of a PDF/A-3a name PDF/UA-1 too, and hold the field of the signature."""
    _name_both_standards(pdf)
    _prepare_signature(pdf)


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
    whole = pydyf.Dictionary({"Type": "/OBJR", "Obj": field.reference, "Pg": first_page})
    about = {"S": "/Form", "P": root_element, "Pg": first_page, "Alt": field["TU"]}
    form = pydyf.Dictionary({"Type": "/StructElem", **about, "K": pydyf.Array([whole])})
    pdf.add_object(form)
    numbers.extend((place, form.reference))
    _object(pdf, root_element)["K"].append(form.reference)
    _object(pdf, first_page).setdefault("Annots", pydyf.Array()).append(field.reference)
    pdf.catalog["AcroForm"] = pydyf.Dictionary(
        {"Fields": pydyf.Array([field.reference]), "SigFlags": _SIGNED_AND_ONLY_ADDED_TO}
    )


def attach(whole: Whole, attachments: Sequence[Attached]) -> bytes:
    """Embed the files, each tied to the whole document, and return the entry of their name tree."""
    if not attachments:
        return b""
    places = {each.name: whole.add(_specification(whole, each)) for each in attachments}
    whole.catalog["AF"] = b"[%s]" % b" ".join(places.values())
    named = (b"%s %s" % (_text(name), place) for name, place in sorted(places.items()))
    return b"/EmbeddedFiles " + whole.add(b"<</Names [%s]>>" % b" ".join(named))


def _specification(whole: Whole, attached: Attached) -> bytes:
    """Embed one file and return what describes it."""
    checksum = hashlib.md5(attached.data, usedforsecurity=False).hexdigest().encode()
    changed = b"/ModDate %s" % whole.changed if whole.changed else b""
    kind = attached.media_type.replace("/", "#2f").encode()
    about = b"<</Type /EmbeddedFile/Subtype /%s/Params <</CheckSum <%s>/Size %d%s>>"
    about %= (kind, checksum, len(attached.data), changed)
    packed = zlib.compress(attached.data, LEVEL)
    stream = whole.add((about + b"/Filter /FlateDecode", packed))
    name, relationship = _text(attached.name), attached.relationship.encode()
    form = b"<</Type /Filespec/F %s/UF %s/Desc %s/AFRelationship /%s/EF <</F %s/UF %s>>>>"
    return form % (name, name, _text(attached.description), relationship, stream, stream)


def _text(text: str) -> bytes:
    """Return a string as PDF writes it, in digits: no character needs an escape then."""
    plain = text.isascii()
    return (
        b"<%s>"
        % (text.encode() if plain else BOM_UTF16_BE + text.encode("utf-16-be")).hex().encode()
    )
