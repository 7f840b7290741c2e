"""Headings, labels and keys of model and data cards, as topics of documentation."""

import re
from typing import Final

from assaybook.domain.facts import Topic

_HEADINGS: Final[tuple[tuple[str, tuple[Topic, ...]], ...]] = (
    (r"out[ -]of[ -]scope|misuse|prohibited use|unintended use|not intended", ("out_of_scope",)),
    (
        r"intended use|intended purpose|direct use|downstream use|^uses?$|use cases?|how to use",
        ("intended_use",),
    ),
    (r"limitation|caveat|recommendation", ("limitations",)),
    (r"\brisks?\b|hazard|(social|societal) impact", ("risks",)),
    (r"\bbias(es)?\b|fairness", ("biases",)),
    (r"ethic", ("ethics",)),
    (r"human oversight|human review|human in the loop|oversight", ("human_oversight",)),
    (r"training (and|&) (evaluation|test) data", ("training_data", "evaluation_data")),
    (r"training data|training dataset|training set|pre-?training data", ("training_data",)),
    (
        r"(evaluation|test(ing)?|validation) (data|dataset|set)|testing data,",
        ("evaluation_data",),
    ),
    (r"\bmetrics?\b|evaluation results|^results$|^evaluation$|performance", ("metrics",)),
    (r"licen[sc]e|licen[sc]ing", ("license",)),
    (r"contact", ("contact",)),
    (
        r"\bowners?\b|authors?$|developed by|curated by|curators?|maintainers?|developers?",
        ("owner",),
    ),
    (r"\bversions?\b|change ?log", ("version",)),
    (r"personal (and|or|&) sensitive|personal (data|information)|privacy", ("personal_data",)),
    (r"environmental|carbon|emissions", ("environment",)),
    (r"annotation process|annotators?|annotations?|labell?ing", ("annotation",)),
    (
        r"data collection|collection process|source (data|language)|curation rationale",
        ("collection",),
    ),
    (r"maintenance|update policy|monitoring plan", ("maintenance",)),
    (r"architecture|technical specification|model type", ("architecture",)),
    (r"\bsecurity\b|vulnerabilit", ("security",)),
)
_PATTERNS: Final = tuple((re.compile(words), topics) for words, topics in _HEADINGS)
_OF_TOOLS: Final = re.compile(r"\b(framework|library|package|software|dependency)\b")
"""Versions of these are none of the model."""
_MORE_THAN_ONE: Final = re.compile(r",| and | & |/|;")

KEYS: Final[dict[str, Topic]] = {
    "license": "license",
    "license_name": "license",
    "pretty_name": "title",
    "version": "version",
    "model_version": "version",
    "contact": "contact",
    "owner": "owner",
    "authors": "owner",
    "co2_eq_emissions": "environment",
    "annotations_creators": "annotation",
    "source_datasets": "collection",
}
"""Keys of the front matter that say something of a topic."""

LABELS: Final[dict[str, Topic]] = {
    "developed by": "owner",
    "curated by": "owner",
    "owner": "owner",
    "model type": "architecture",
    "license": "license",
    "contact": "contact",
    "point of contact": "contact",
    "version": "version",
    "intended use": "intended_use",
    "out of scope": "out_of_scope",
    "limitations": "limitations",
}
"""Bold labels at the beginning of a line (``- **License:** MIT``)."""


def topics_of(heading: str) -> tuple[Topic, ...]:
    """Return the topics of a heading; "Bias, Risks, and Limitations" has three, most have one."""
    text = re.sub(r"\s+", " ", re.sub(r"[*_`#:]|\[optional\]", " ", heading.lower())).strip()
    found: dict[Topic, None] = {}
    for pattern, topics in _PATTERNS:
        if pattern.search(text) and not ("version" in topics and _OF_TOOLS.search(text)):
            found.update(dict.fromkeys(topics))
            if not _MORE_THAN_ONE.search(text):
                break
    if "training_data" in found and "evaluation_data" in found:
        found.pop("metrics", None)
    return tuple(found)
