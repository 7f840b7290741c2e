"""Files whose bytes are recorded of the release already, so that nobody needs to read them again.

Only where reading could say nothing else: the same bytes under the same name, read by the adapter
as it is now, with nothing declared but the release. Anything else is read, and is a duplicate then.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from assaybook.domain.errors import AssayError
from assaybook.domain.evidence import Envelope
from assaybook.intake.declared import Declared
from assaybook.intake.registry import adapter_named
from assaybook.service.read_evidence import Task
from assaybook.service.read_many import Looked
from assaybook.store.evidence import EvidenceReceipt
from assaybook.store.recorded_blobs import recorded_blobs
from assaybook.store.unit_of_work import Reading

_FORMAT: Final = "format"
_ABOUT: Final = frozenset({"system", "release"})
_Recorded = tuple[Envelope, EvidenceReceipt]


def known_files(
    reading: Reading, looked: Sequence[Looked], system: str, release: str
) -> Mapping[int, tuple[EvidenceReceipt, ...]]:
    """Return, by place, the receipts of those files that are recorded of a release as they are."""
    asked = {
        place: one.digest
        for place, one in enumerate(looked)
        if one.digest is not None and _says_nothing_else(one.task)
    }
    by_blob: dict[str, list[_Recorded]] = {}
    for one in recorded_blobs(reading, system, release, set(asked.values())):
        by_blob.setdefault(one[0].blob, []).append(one)
    return {
        place: tuple(receipt for _envelope, receipt in by_blob[digest])
        for place, digest in asked.items()
        if digest in by_blob and _is_the_same(looked[place].task, by_blob[digest])
    }


def _says_nothing_else(task: Task) -> bool:
    """Tell whether nothing but a format and the release was declared of a file."""
    nothing = Declared()
    about = {"format": None, "system": None, "release": None}
    return all(one.model_copy(update=about) == nothing for one in task.declared)


def _is_the_same(task: Task, recorded: Sequence[_Recorded]) -> bool:
    """Tell whether what is recorded is all that would be read, and was read as it would be now."""
    said = next((one.format for one in task.declared if one.format), None)
    envelopes = [envelope for envelope, _receipt in recorded]
    return len({one.submission for one in envelopes}) == 1 and all(
        one.name == task.name
        and said in {None, one.format}
        and (said is not None or _FORMAT not in one.declared)
        and frozenset(one.declared) - {_FORMAT} == _ABOUT
        and _reads_now(one)
        for one in envelopes
    )


def _reads_now(envelope: Envelope) -> bool:
    try:
        return adapter_named(envelope.adapter).version == envelope.adapter_version
    except AssayError:
        return False
