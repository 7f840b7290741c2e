"""All parts of an audit pack, in the order in which it carries them."""

from assaybook.domain.attachment import JSON_TYPE, ROOT, Attachment
from assaybook.service.judge import Judgement
from assaybook.service.pack_contents import contents
from assaybook.service.pack_contents_manifest import manifest, predicate
from assaybook.service.pack_contents_store import PackSources


def pack_parts(
    judgement: Judgement, sources: PackSources, *, pack: str, verdicts: tuple[str, ...]
) -> tuple[Attachment, ...]:
    """Return every part that a pack carries; the manifest is the last."""
    parts = [*contents(judgement, sources.kept), *sources.log]
    if sources.keys is not None:
        root = Attachment(
            name=ROOT,
            media_type=JSON_TYPE,
            relationship="Supplement",
            description="The keys that signed, with what they may sign and when",
            data=sources.keys.root.raw(),
        )
        parts.append(root)
    said = predicate(
        judgement.assessment,
        judgement.subject,
        parts,
        pack=pack,
        profile="full",
        verdicts=verdicts,
        keys=sources.keys,
        made_at=sources.made_at,
    )
    return (*parts, manifest(parts, said, sources.keys))
