"""Audit packs: an assessment on paper."""

from pathlib import Path

from assaybook.reporting.context import PackInput
from assaybook.reporting.html import render_html
from assaybook.reporting.pack import build_pack
from assaybook.reporting.pdf import PdfLimits, write_pdf
from assaybook.service.files import make_room
from assaybook.service.judge import Judgement


def write_pack(
    judgement: Judgement,
    target: Path,
    *,
    organisation: str = "",
    limits: PdfLimits = PdfLimits(),  # noqa: B008 - immutable
) -> None:
    """Write the audit pack of a judgement as a PDF.

    Raises:
        UsageError: ``file-unwritable``, before anything is laid out.
        OperatorError: the PDF cannot be made or written here; the hint says what is missing.
    """
    make_room(target)
    found = judgement.assessment
    pack = build_pack(
        PackInput(
            assessment=found,
            subject=judgement.subject,
            bundle=judgement.bundle,
            evidence=judgement.evidence,
            catalogs={one.id: one for one in judgement.catalogs},
            as_of=found.assessment.as_of,
            organisation=organisation,
            waivers=found.waivers,
            problems=judgement.problems,
        )
    )
    write_pdf(render_html(pack), target, limits=limits)
