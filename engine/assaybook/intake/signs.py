"""Which formats a JSON object can be of, by the keys at its top: a look-up before any question.

An object without any of a format's signs is none of that format, whatever else it holds, so its
adapter need not be asked. An adapter that is not listed here is asked about every document.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from assaybook.intake.adapter import Adapter
from assaybook.intake.parsed import Parsed

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


def asked(document: Parsed, adapters: Iterable[Adapter]) -> Iterator[Adapter]:
    """Yield those adapters that can recognise a document of which nobody declared the format."""
    if document.media != "json" or not isinstance(document.value, dict):
        yield from adapters
        return
    without = document.value.keys().isdisjoint
    for adapter in adapters:
        signs = SIGNS.get(adapter.name)
        if signs is None or not without(signs):
            yield adapter
