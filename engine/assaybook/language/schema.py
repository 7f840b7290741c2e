"""JSON Schemas of the documents that people write, for editors and for the reference pages."""

from collections.abc import Mapping
from typing import Final

from pydantic import BaseModel, JsonValue

from assaybook.language.baseline_file import BaselineDocument
from assaybook.language.document import DocumentKind, PolicyDocument
from assaybook.language.document_cases import CasesDocument
from assaybook.language.document_subject import SubjectDocument
from assaybook.language.document_trust import TrustDocument
from assaybook.language.overlay import OverlayDocument
from assaybook.language.scope import ScopeDocument
from assaybook.language.waiver_file import WaiversDocument

DOCUMENTS: Final[Mapping[DocumentKind, type[BaseModel]]] = {
    "policy": PolicyDocument,
    "overlay": OverlayDocument,
    "scope": ScopeDocument,
    "cases": CasesDocument,
    "waivers": WaiversDocument,
    "baseline": BaselineDocument,
    "system": SubjectDocument,
    "trust": TrustDocument,
}
_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def json_schema(kind: DocumentKind) -> dict[str, JsonValue]:
    """Return the JSON Schema of one kind of document, by the names that its files use."""
    return {"$schema": _DIALECT, **DOCUMENTS[kind].model_json_schema(by_alias=True)}
