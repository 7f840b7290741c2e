"""The system as it is recorded, as its documents describe it, and where its parts come from."""

from collections.abc import Iterator
from typing import Final

from assaybook.domain.facts import Documentation, Lineage
from assaybook.reporting.context import Context
from assaybook.reporting.labels import behind_a_word
from assaybook.reporting.pages import ArtifactLine, Graph, GraphEdge, GraphNode, Quoted, SystemPage
from assaybook.reporting.parts import Labelled
from assaybook.reporting.recorded import nothing_changed, record_lines
from assaybook.reporting.words import count, grouped, listed, moment, of, sentence_case

NOT_STATED: Final = "Not stated"
_TOPICS: Final = (
    *("intended_use", "out_of_scope", "limitations", "risks", "human_oversight"),
    *("training_data", "evaluation_data", "owner", "license"),
)
_TEXT: Final = 420
_NODES: Final = 14
"""Beyond so many things the graph would not be read in a second; the rest is counted."""


def system_page(context: Context) -> SystemPage:
    """Return the register's facts, the model card in brief, the parts and their lineage."""
    release = context.source.subject.release
    quoted, note = _quoted(context)
    graph, graph_note = lineage(context)
    return SystemPage(
        lead="What is recorded of the system, and what its own documents say of it.",
        facts=_facts(context),
        artifacts=tuple(
            ArtifactLine(name=each.name, kind=each.kind, digest=grouped(each.digest))
            for each in release.artifacts
        ),
        quoted=quoted,
        quoted_note=note,
        graph=graph,
        graph_note=graph_note,
        changes=record_lines(context.source.changes or ()),
        changes_note=nothing_changed(
            context.source.changes, asserted=context.source.subject.asserted
        ),
    )


def _facts(context: Context) -> tuple[Labelled, ...]:
    system, release = context.source.subject.system, context.source.subject.release
    tier, life = system.risk_tier, system.lifecycle
    facts = (
        ("System", system.id),
        ("Release", release.version),
        ("Owner", system.owner),
        ("Risk tier", tier and sentence_case(tier.value)),
        ("Lifecycle", life and sentence_case(life.value)),
        ("Stage", release.stage),
        ("Role", " and ".join(system.roles)),
        ("Released", release.released_at and moment(release.released_at)),
        ("Baseline", release.baseline),
        ("Purpose", system.purpose),
        ("Intended uses", "; ".join(system.intended_uses)),
        ("Deployed use", system.deployed_use),
    )
    return tuple(Labelled(label=label, text=text or NOT_STATED) for label, text in facts)


def _quoted(context: Context) -> tuple[tuple[Quoted, ...], str]:
    """Return what the newest model card says by topic, and what it leaves open."""
    found: dict[str, tuple[str, Documentation]] = {}
    for label, document in context.documents.values():
        for fact in document.facts:
            if isinstance(fact, Documentation) and fact.document == "model":
                found[fact.topic] = (label, fact)
    lines = [
        Quoted(
            topic=sentence_case(topic.replace("_", " ")),
            text=behind_a_word(fact.text, _TEXT),
            label=label,
            anchor=label.lower(),
        )
        for topic in _TOPICS
        for label, fact in [found.get(topic, ("", None))]
        if fact is not None and fact.present and not fact.placeholder and fact.text
    ]
    if not found:
        return (), "No document describes the model: no model card was submitted."
    told = {each.topic for each in lines}
    silent = [each for each in _TOPICS if sentence_case(each.replace("_", " ")) not in told]
    names = listed([each.replace("_", " ") for each in silent], most=len(silent))
    return tuple(lines), f"The model card does not say: {names}." if silent else ""


def lineage(context: Context) -> tuple[Graph | None, str]:
    """Return the graph of what was made from what, and what is said beside it."""
    edges = list(dict.fromkeys(_edges(context)))
    if not edges:
        return None, "No document says where the parts of this release come from."
    depth = _depths(edges)
    order = sorted(depth, key=lambda name: (depth[name], name))
    kept = frozenset(order[:_NODES])
    drawn = [edge for edge in edges if edge[0] in kept and edge[1] in kept]
    nodes = tuple(_nodes(context, [name for name in order if name in kept], depth))
    places = {name: place for place, name in enumerate(each for each in order if each in kept)}
    graph = Graph(
        nodes=nodes,
        edges=tuple(
            GraphEdge(start=places[used], end=places[made], relation=relation, proven=proven)
            for used, made, relation, proven in drawn
        ),
        columns=max(node.column for node in nodes) + 1,
        rows=max(node.row for node in nodes) + 1,
    )
    proven = sum(edge[3] for edge in edges)
    note = f"{of(proven, len(edges))} links name their input by digest."
    if len(drawn) < len(edges):
        note += f" {sentence_case(count(len(edges) - len(drawn), 'further link'))} not drawn."
    return graph, note


def _edges(context: Context) -> Iterator[tuple[str, str, str, bool]]:
    """Yield what was used, what was made of it, how, and whether by digest."""
    for _, document in context.documents.values():
        for fact in document.facts:
            if isinstance(fact, Lineage) and fact.source != fact.target:
                relation = (fact.relation or "used").replace("_", " ")
                yield _short(fact.target), _short(fact.source), relation, fact.digest is not None


def _short(name: str) -> str:
    """Return the last part of a name with a namespace, on one line."""
    return " ".join((name.rstrip("/").rpartition("/")[2] or name).split())


def _depths(edges: list[tuple[str, str, str, bool]]) -> dict[str, int]:
    """Return the column of each thing: one after the last of its inputs; a cycle stops there."""
    inputs: dict[str, list[str]] = {}
    for used, made, _, _ in edges:
        inputs.setdefault(made, []).append(used)
        inputs.setdefault(used, [])
    depth = dict.fromkeys(inputs, 0)
    for _ in range(min(len(inputs), _NODES)):
        deeper = {
            made: max((depth[used] + 1 for used in used_by), default=0)
            for made, used_by in inputs.items()
        }
        if deeper == depth:
            break
        depth = {name: min(place, _NODES) for name, place in deeper.items()}
    columns = {place: column for column, place in enumerate(sorted(set(depth.values())))}
    return {name: columns[place] for name, place in depth.items()}


def _nodes(context: Context, names: list[str], depth: dict[str, int]) -> Iterator[GraphNode]:
    artifacts = {_short(each.name): each.kind for each in context.source.subject.release.artifacts}
    taken: dict[int, int] = {}
    for name in names:
        column = depth[name]
        row = taken.get(column, 0)
        taken[column] = row + 1
        kind = artifacts.get(name, "")
        yield GraphNode(name=name, kind=kind, column=column, row=row, registered=bool(kind))
