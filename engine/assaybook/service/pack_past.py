"""The parts of a pack that hold what came before: earlier assessments, due dates, refusals.

Whoever checks a pack makes these from what it carries, and the pages are made from the same.
"""

from collections.abc import Sequence
from typing import Final

from pydantic import JsonValue

from assaybook.domain.attachment import HISTORY, JSON_TYPE, REFUSALS, Attachment
from assaybook.domain.canonical import canonical, digest_of_model
from assaybook.domain.finding import Assessment
from assaybook.domain.history import Deadlines, Earlier, Remediation
from assaybook.domain.policy import Bundle
from assaybook.domain.refusal import Refusal
from assaybook.service.pack_named import Named, plain

HISTORY_KIND: Final = "assaybook/history/v1"
REFUSALS_KIND: Final = "assaybook/refusals/v1"


def remediation_of(
    found: Assessment, bundle: Bundle, earlier: Sequence[Earlier]
) -> tuple[Remediation, ...]:
    """Return since when and until when each open finding is to be mended."""
    within = bundle.scope.remediate_within
    return Deadlines(found.assessment.as_of, earlier, within).all(found.findings)


def past_parts(
    remediation: Sequence[Remediation], earlier: Sequence[Earlier], refused: Sequence[Refusal]
) -> tuple[Attachment, ...]:
    """Return what came before as parts of a pack; none of what there is nothing of."""
    parts: list[Attachment] = []
    if earlier or any(one.due for one in remediation):
        said: JsonValue = {
            "earlier": [plain(one) for one in earlier],
            "kind": HISTORY_KIND,
            "remediation": [plain(one) for one in remediation],
        }
        words = "Earlier assessments in brief, and since when findings are open and when due"
        parts.append(_part(HISTORY, words, said))
    if refused:
        said = {"kind": REFUSALS_KIND, "refused": [plain(one) for one in refused]}
        words = "Documents that were submitted and could not be read, without their content"
        parts.append(_part(REFUSALS, words, said))
    return tuple(parts)


def named_past(earlier: Sequence[Earlier], refused: Sequence[Refusal]) -> tuple[Named, ...]:
    """Return what came before as the log names it."""
    return (
        *(Named("assessment", one.digest, one.digest) for one in earlier),
        *(Named("refusal", one.id, digest_of_model(one)) for one in refused),
    )


def _part(name: str, description: str, value: JsonValue) -> Attachment:
    return Attachment(
        name=name,
        media_type=JSON_TYPE,
        relationship="Data",
        description=description,
        data=canonical(value),
    )
