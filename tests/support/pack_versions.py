"""Packs as another version of the engine would have made them, under the keys of a world."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import replace

from assaybook.domain.attachment import BUNDLE, CHECKPOINT, PROOFS
from assaybook.domain.canonical import canonical, digest_of_model
from assaybook.domain.finding import Assessment, Finding
from assaybook.ledger.checkpoint import Checkpoint, signed_checkpoint
from assaybook.ledger.merkle import Tree, leaf_hash
from assaybook.service.pack_parts import pack_parts
from support.verifying import MADE, World, attachments, edited, laid_out, shown_of


def by_engine(
    world: World, engine: str, change: Callable[[Finding], Finding] | None = None
) -> World:
    """Return the world in which another engine judged, and told each finding as it is changed.

    Everything that follows from the findings follows from these: pages, index, OSCAL and log.
    """
    found = world.judgement.assessment
    findings = tuple(map(change, found.findings)) if change else found.findings
    head = found.assessment.model_copy(update={"engine": engine, "digest": ""})
    blank = found.model_copy(update={"assessment": head, "findings": findings})
    head = head.model_copy(update={"digest": digest_of_model(blank)})
    told: Assessment = blank.model_copy(update={"assessment": head})
    judgement = replace(world.judgement, assessment=told)
    parts = {x.name: x.data for x in pack_parts(judgement, world.sources, organisation="Ward")}

    def put_engine(bundle: dict[str, str]) -> None:
        bundle["engine"] = engine

    def renamed(entry: str) -> str:
        return entry.replace(found.assessment.digest, head.digest)

    parts[BUNDLE] = edited(parts[BUNDLE], put_engine)
    other = replace(world, judgement=judgement)
    files = other.relisted(relogged(world, parts, renamed))
    pages = laid_out(world.folder, shown_of(judgement), attachments(files))
    return replace(other, files=files, pages=pages)


def relogged(
    world: World, files: Mapping[str, bytes], change: Callable[[str], str]
) -> dict[str, bytes]:
    """Return files with the whole log written again, each entry as it is changed."""
    proofs = json.loads(files[PROOFS])
    entries = {one["seq"]: change(one["entry"]) for one in proofs["receipts"]}
    every = [entries.get(seq, "another") for seq in range(1, proofs["size"] + 1)]
    tree = Tree(leaf_hash(one.encode()) for one in every)
    for one in proofs["receipts"]:
        one["entry"] = entries[one["seq"]]
        path = tree.inclusion(one["seq"] - 1)
        one["path"] = [base64.b64encode(step).decode() for step in path]
    proofs["consistency"] = []
    state = Checkpoint(world.keys.root.log, proofs["size"], tree.root())
    note = signed_checkpoint(state, world.keys.checkpoint.key, MADE).encode()
    return {**files, CHECKPOINT: note, PROOFS: canonical(proofs)}
