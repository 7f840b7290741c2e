"""Hugging Face: model cards and data cards, Markdown with front matter, and results of benchmarks.

A topic is present when its sections, keys or labels hold something other than a placeholder. An
empty heading is not; neither are "[More Information Needed]", template braces or a comment, and a
section that its template calls optional may stay so. Keys of the front matter that are of no topic,
and sections whose heading is of none, are not read. A file of results says neither what a benchmark
measures nor in which unit, so its metrics are called ``benchmark_score``, by data set and task.
"""

import re
from collections.abc import Iterator
from dataclasses import field
from typing import Final, Literal

from assaybook.domain.documents import Detected
from assaybook.domain.evidence import Coverage
from assaybook.domain.fact_types import question_of
from assaybook.domain.facts import Documentation, Fact, Topic
from assaybook.domain.record import draft, record
from assaybook.intake.adapter import Reading, notes, recorded
from assaybook.intake.adapters.headings import KEYS, LABELS, topics_of
from assaybook.intake.adapters.huggingface_index import measured, origins
from assaybook.intake.adapters.huggingface_results import are_results, results
from assaybook.intake.parsed import Parsed
from assaybook.intake.prose import LABEL, Looked, look_at
from assaybook.intake.values import Json, label, mapping, passage, pointer, sequence, word

_DATA_KEYS: Final = frozenset(
    {
        *("task_categories", "dataset_info", "annotations_creators", "size_categories"),
        *("pretty_name", "language_creators", "source_datasets", "task_ids", "configs"),
    }
)
_HEADING: Final = re.compile(r"^ {0,3}(#{1,6})[ \t]+(.*?)[ \t]*#*$")
_FENCE: Final = re.compile(r"^ {0,3}(```|~~~)")
_CARD_FOR: Final = re.compile(
    r"^\s*(?:data(?:set)?|model) ?card(?: (?:for|of))?\b:?", re.IGNORECASE
)
_COMMENT: Final = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)

_OPTIONAL: Final = "[optional]"
_NO_LEVEL: Final = 7
"""Below all levels of headings."""

Kind = Literal["model", "dataset"]


@draft
class _Section:
    """Lines under headings of one set of topics, and where the first of them is."""

    topics: tuple[Topic, ...]
    pointer: str
    lines: list[str] = field(default_factory=list)
    optional: bool = False


@record
class HuggingFace:
    """Adapter for model cards, data cards and results of benchmarks."""

    name: str = "huggingface"
    version: int = 7
    versions: tuple[str, ...] = ("model-card", "dataset-card", "eval-results")
    facts: tuple[str, ...] = ("documentation", "metric", "lineage")
    questions: tuple[str, ...] = (
        *("documentation/model", "documentation/dataset"),
        *("metric", "metric/*", "lineage"),
    )

    def detect(self, document: Parsed, *, declared: bool = False) -> Detected | None:
        """Recognise Markdown by front matter, faintly by a heading, and results by their keys."""
        if document.media == "yaml" and are_results(document.value):
            return self._found("eval-results", 1.0, "entries with a data set, its task and a value")
        if document.media != "markdown":
            return None
        matter = mapping(document.value)
        title = next((text for _, level, text in _headings(document) if level == 1), "")
        if _DATA_KEYS & matter.keys() or title.lower().startswith("dataset card"):
            sure = 1.0 if matter else 0.8
            return self._found("dataset-card", sure, "keys or title of a data card")
        if matter or document.broken:
            return self._found("model-card", 1.0, "Markdown with front matter")
        if declared or any(topics_of(text) for _, _, text in _headings(document)):
            return self._found("model-card", 0.4, "Markdown with headings of a card")
        return None

    def read(self, document: Parsed, detected: Detected) -> tuple[Reading, ...]:
        """Read topics from headings, labels and keys, metrics from index and results."""
        if detected.version == "eval-results":
            return tuple(results(document))
        kind: Kind = "dataset" if detected.version == "dataset-card" else "model"
        left: list[tuple[str, str]] = []
        topics = tuple(_topics(document, kind))
        title = next((one.text for one in topics if one.topic == "title"), None)
        made_from = tuple(origins(document, kind, title))
        others: tuple[Fact, ...] = (*measured(document, left), *made_from)
        facts: tuple[Fact, ...] = (*topics, *others)
        rows: dict[str, int] = {f"documentation/{kind}": len(topics)}
        for fact in others:
            rows[question_of(fact)] = rows.get(question_of(fact), 0) + 1
        coverage = [recorded(question, lent) for question, lent in rows.items()]
        if left:
            unread = Coverage(question="metric", examined=0, failed=0, errored=len(left), skipped=0)
            coverage = [row for row in coverage if row.question != "metric"] + [unread]
        models = len(sequence(mapping(document.value).get("model-index")))
        several = [("/model-index", f"the metrics are of {models} models")] if models > 1 else []
        warnings = (*notes("metric-left-out", left), *notes("several-models", several))
        return (Reading(facts=facts, coverage=tuple(coverage), warnings=warnings),)

    def _found(self, version: str, confidence: float, reason: str) -> Detected:
        return Detected(format=self.name, version=version, confidence=confidence, reasons=(reason,))


def _body(document: Parsed) -> list[tuple[int, str]]:
    """Return the numbered lines after the front matter; comments are blanked, lines stay."""
    lines = document.text.split("\n")
    body = "\n".join(lines[document.body_line - 1 :])
    blanked = _COMMENT.sub(lambda found: "\n" * found.group().count("\n"), body)
    return list(enumerate(blanked.split("\n"), start=document.body_line))


def _headings(document: Parsed) -> Iterator[tuple[int, int, str]]:
    """Yield line, level and text of each heading outside of code blocks."""
    fenced = False
    for number, line in _body(document):
        if ("```" in line or "~~~" in line) and _FENCE.match(line):
            fenced = not fenced
        found = _HEADING.match(line.rstrip("\r")) if "#" in line and not fenced else None
        if found:
            yield number, len(found.group(1)), found.group(2)


def _topics(document: Parsed, kind: Kind) -> Iterator[Documentation]:
    matter = mapping(document.value)
    language = matter.get("language")
    spoken = ", ".join(found for one in sequence(language) if (found := word(one)))
    by_topic: dict[Topic, list[_Section]] = {}
    for section in (*_from_keys(matter), *_from_body(document)):
        for topic in section.topics:
            by_topic.setdefault(topic, []).append(section)
    looked = Looked()
    for topic, sections in by_topic.items():
        read = look_at(looked, ["\n".join(section.lines) for section in sections])
        text = "\n\n".join(dict.fromkeys(said for said, _ in read if said))
        yield Documentation(
            pointer=next(
                (one.pointer for one, (said, _) in zip(sections, read, strict=True) if said),
                sections[0].pointer,
            ),
            document=kind,
            topic=topic,
            present=bool(text),
            placeholder=any(
                placeholder and not (one.optional and text)
                for one, (_, placeholder) in zip(sections, read, strict=True)
            ),
            text=passage(text) if text else None,
            language=word(language) or word(spoken),
        )


def _from_keys(matter: dict[str, Json]) -> Iterator[_Section]:
    for key, topic in KEYS.items():
        if key in matter:
            value = matter[key]
            words = sequence(value) or list(mapping(value).values()) or [value]
            text = ", ".join(found for one in words if (found := label(one)))
            yield _Section((topic,), pointer(key), [text])


def _from_body(document: Parsed) -> Iterator[_Section]:
    """Yield sections by the nearest heading that has topics, and labelled lines by themselves."""
    open_topics: list[tuple[int, tuple[Topic, ...]]] = []
    optional_from = _NO_LEVEL
    current: _Section | None = None
    headings = {number: (level, text) for number, level, text in _headings(document)}
    for number, line in _body(document):
        if number in headings:
            if current is not None:
                yield current
            level, text = headings[number]
            if level <= optional_from:
                optional_from = level if _OPTIONAL in text.lower() else _NO_LEVEL
            open_topics = [one for one in open_topics if one[0] < level]
            own = ("title",) if level == 1 and not _has_title(open_topics) else topics_of(text)
            if own == ("title",):
                yield _Section(("title",), f"line {number}", [_CARD_FOR.sub("", text)])
                own = topics_of(text) if not text.lower().startswith("dataset card") else ()
            if own:
                open_topics.append((level, own))
            inherited = open_topics[-1][1] if open_topics else ()
            current = _Section(inherited, f"line {number}", optional=level >= optional_from)
            continue
        labelled = LABEL.match(line)
        topic = LABELS.get(labelled.group(1).strip().lower()) if labelled else None
        if labelled and topic is not None:
            yield _Section((topic,), f"line {number}", [labelled.group(2)])
        elif current is not None:
            current.lines.append(line)
    if current is not None:
        yield current


def _has_title(open_topics: list[tuple[int, tuple[Topic, ...]]]) -> bool:
    return bool(open_topics)
