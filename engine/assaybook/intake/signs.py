"""Which formats a JSON object can be of, by the keys at its top: a look-up before any question.

An object without any of a format's signs is none of that format, whatever else it holds, so its
adapter need not be asked. An adapter that is not listed here is asked about every document.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Final

from assaybook.intake.adapter import Adapter
from assaybook.intake.parsed import Parsed

_FEW: Final = 20
"""Keys of an object that is remembered by them."""
_SHAPES: Final = 256
SIGNS: Final[Mapping[str, frozenset[str]]] = {
    name: frozenset(words.split())
    for name, words in (
        ("art", "tool"),
        ("assaybook", "assaybook"),
        ("croissant", "@type"),
        ("cyclonedx", "bomFormat"),
        ("dbt", "metadata"),
        ("deepchecks", "type"),
        ("dsse", "dsseEnvelope payload _type"),
        ("evidently", "metrics tests"),
        ("fairlearn", "by_group"),
        ("garak", "entry_type probe"),
        ("gitleaks", ""),
        ("great-expectations", "results expectations run_results validation_results"),
        ("huggingface", ""),
        ("junit", ""),
        ("kitops", "package model datasets code docs"),
        ("lm-eval", "results doc_id"),
        ("mlflow", "run info run_id name model_version registered_model"),
        ("model-card-toolkit", "model_details"),
        ("modelkit-manifest", "schemaVersion"),
        ("modelscan", "summary"),
        ("picklescan", ""),
        ("pip-audit", "dependencies"),
        ("presidio", ""),
        ("prometheus-rules", "kind groups"),
        ("promptfoo", "results stats"),
        ("sarif", "runs"),
        ("assaybook-signed", "dsseEnvelope payload"),
        ("assaybook-statement", "payloadType"),
        ("spdx", "spdxVersion @graph @context"),
        ("table", ""),
        ("trivy", "SchemaVersion ClusterName"),
    )
}
"""The keys of which an object of a format has at least one; none where no object is of it."""

_IN_LISTS: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(SIGNS, ()),
    "croissant": ("Dataset",),
    "garak": ('"entry_type"', '"probe"'),
    "gitleaks": ('"RuleID"',),
    "lm-eval": ('"doc_id"',),
    "openlineage": ('"job"', '"dataset"', '"_schemaURL"'),
    "pip-audit": ('"name"',),
    "presidio": ('"entity_type"', '"recognizer_results"'),
    "prometheus-rules": ('"kind"', '"groups"'),
    "trivy": ('"Target"',),
}
"""Words of which a JSON list of a format holds at least one; none where no list is of it."""


def asked(document: Parsed, adapters: Iterable[Adapter]) -> Iterator[Adapter]:
    """Yield those adapters that can recognise a document of which nobody declared the format."""
    if document.media == "json" and isinstance(document.value, list):
        yield from _of_list(document.text, adapters)
        return
    if document.media != "json" or not isinstance(document.value, dict):
        yield from adapters
        return
    could = _formats(tuple(document.value)) if len(document.value) <= _FEW else None
    without = document.value.keys().isdisjoint
    for adapter in adapters:
        signs = SIGNS.get(adapter.name)
        if signs is None or (not without(signs) if could is None else adapter.name in could):
            yield adapter


def _of_list(text: str, adapters: Iterable[Adapter]) -> Iterator[Adapter]:
    """Yield those adapters whose words a list holds; a word may hide behind an escape."""
    escaped = "\\u" in text
    for adapter in adapters:
        words = _IN_LISTS.get(adapter.name)
        if words is None or (words and escaped) or any(word in text for word in words):
            yield adapter


@lru_cache(_SHAPES)
def _formats(keys: tuple[str, ...]) -> frozenset[str]:
    """Return the formats of which an object with these keys has a sign."""
    return frozenset(name for name, signs in SIGNS.items() if not signs.isdisjoint(keys))
