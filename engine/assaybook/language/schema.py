"""JSON Schemas of the documents that people write, for editors and for the reference pages."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel, JsonValue

from assaybook.language.baseline_file import BaselineDocument
from assaybook.language.document import DocumentKind, PolicyDocument
from assaybook.language.document_cases import CaseEvidence, CasesDocument
from assaybook.language.document_manifest import ManifestDocument
from assaybook.language.document_subject import SubjectDocument
from assaybook.language.document_trust import TrustDocument
from assaybook.language.overlay import OverlayDocument
from assaybook.language.schema_words import WORDS
from assaybook.language.scope import ScopeDocument
from assaybook.language.waiver_file import WaiversDocument

DOCUMENTS: Final[Mapping[DocumentKind, type[BaseModel]]] = {
    "policy": PolicyDocument,
    "overlay": OverlayDocument,
    "scope": ScopeDocument,
    "cases": CasesDocument,
    "waivers": WaiversDocument,
    "baseline": BaselineDocument,
    "manifest": ManifestDocument,
    "system": SubjectDocument,
    "trust": TrustDocument,
}
_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_EVIDENCE: Final = "#/$defs/CaseEvidence"
_ANY: Final = "Any value."


def json_schema(kind: DocumentKind) -> dict[str, JsonValue]:
    """Return the JSON Schema of one kind of document, by the names that its files use.

    Every key has a sentence that an editor shows.
    """
    schema = _shape_of(DOCUMENTS[kind])
    if kind == "cases":
        _let_evidence_be_completed(schema)
    inner: Any = schema.get("$defs", {})
    for shape in (schema, *inner.values()):
        shape.setdefault("description", _ANY)
        words = WORDS.get(str(shape.get("title")), {})
        for name, field in shape.get("properties", {}).items():
            if name in words:
                field["description"] = words[name]
    return {"$schema": _DIALECT, **schema}


def _shape_of(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema(by_alias=True)


def _let_evidence_be_completed(schema: dict[str, Any]) -> None:
    """Say what stands in the evidence of a case: defaults are laid over it before it is read."""
    evidence = _shape_of(CaseEvidence)
    schema["$defs"] |= evidence.pop("$defs")
    schema["$defs"]["CaseEvidence"] = evidence
    for name in ("CaseDocument", "TableCase"):
        schema["$defs"][name]["properties"]["evidence"]["items"] = {"$ref": _EVIDENCE}
    defaults = schema["$defs"]["CaseDefaults"]["properties"]
    defaults["evidence"] = {"$ref": _EVIDENCE, "description": defaults["evidence"]["description"]}
