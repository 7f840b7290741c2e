"""Read the two sides of a comparison: an audit pack, or the JSON of an assessment."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from assaybook.domain.attachment import FINDINGS
from assaybook.domain.errors import AssayError, SubmitterError
from assaybook.domain.finding import Assessment
from assaybook.evaluation.assess import Inputs
from assaybook.service.bundles import recorded_ruling
from assaybook.service.files import read_bytes
from assaybook.service.findings_file import read_findings
from assaybook.service.verify_judgement import inputs_of

_PDF: Final = b"%PDF"


@dataclass(frozen=True, slots=True)
class Side:
    """An assessment, and what it was made from where that is at hand.

    ``inputs`` is None where it cannot be judged again, and ``why_not`` says why; ``names`` gives
    the name of a document by its id.
    """

    name: str
    assessment: Assessment
    inputs: Inputs | None
    why_not: str
    names: dict[str, str]


def read_side(path: Path) -> Side:
    """Return one side: a PDF with its parts, or an assessment as JSON.

    Raises:
        UsageError: the file cannot be read.
        SubmitterError: it is no pack and no assessment, or the signature of the pack is broken.
        OperatorError: ``sign-extra-missing``, the library that reads packs is not installed.
    """
    raw = read_bytes(path)
    if raw.startswith(_PDF):
        return _pack(str(path), raw)
    return Side(str(path), read_findings(path), None, "it holds no facts", {})


def _pack(name: str, raw: bytes) -> Side:
    from assaybook.service.verify_judgement import bundle_told, in_order
    from assaybook.service.verify_parts import read_judged
    from assaybook.service.verify_pdf import read_contents, read_signature

    try:
        judged = read_judged(read_contents(raw, read_signature(raw)).files)
    except AssayError:
        raise
    except Exception as error:  # the reader of PDF has no one error for what is broken
        message = f"its parts cannot be read: {type(error).__name__}"
        hint = "See what is wrong: assay verify FILE.pdf"
        raise SubmitterError("pack-unreadable", message, where=name, hint=hint) from error
    found = judged.assessment
    names = {one.envelope.id: one.envelope.name for one in judged.evidence if one.envelope.name}
    try:
        ruling = in_order(recorded_ruling(bundle_told(judged)), found)
    except AssayError as error:
        return Side(name, found, None, f"{FINDINGS}: {error.message}", names)
    return Side(name, found, inputs_of(judged, ruling), "", names)
