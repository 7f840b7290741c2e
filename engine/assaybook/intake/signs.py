"""Which formats JSON can be of, by the keys at its top: a look-up before any question.

An object without any of a format's signs is none of that format, whatever else it holds, so its
adapter need not be asked; nor about a list in which no object has one. An adapter that is not
listed here is asked about every document.
"""

from collections.abc import Mapping
from itertools import chain
from typing import Final, TypeAlias

from assaybook.intake.parsed import Parsed

_BELOW: Final = "_schemaURL"
"""A key that OpenLineage has in an object of an object."""
SIGNS: Final[Mapping[str, frozenset[str]]] = {
    name: frozenset(words.split())
    for name, words in (
        ("art", "tool"),
        ("assaybook", "assaybook"),
        ("croissant", "@type"),
        ("cyclonedx", "bomFormat"),
        ("dbt", "metadata"),
        ("deepchecks", "type"),
        ("detect-secrets", "plugins_used"),
        ("dsse", "dsseEnvelope payload _type"),
        ("evidently", "metrics tests"),
        ("fairlearn", "by_group schema"),
        ("garak", "entry_type probe"),
        ("gitleaks", ""),
        (
            "great-expectations",
            "results expectations run_results validation_results expectation_config",
        ),
        ("huggingface", ""),
        ("inspect", "eval"),
        ("junit", ""),
        ("kitops", "package model datasets code docs"),
        ("lm-eval", "results doc_id"),
        ("mlflow", "run runs info run_id name model model_id model_version registered_model"),
        ("model-card-toolkit", "model_details"),
        ("modelkit-manifest", "schemaVersion"),
        ("modelscan", "summary"),
        ("picklescan", ""),
        ("pip-audit", "dependencies"),
        ("presidio", "entity_mapping items"),
        ("prometheus-rules", "kind groups"),
        ("promptfoo", "results stats"),
        ("sarif", "runs"),
        ("assaybook-signed", "dsseEnvelope payload"),
        ("assaybook-statement", "payloadType"),
        ("spdx", "spdxVersion @graph @context"),
        ("table", ""),
        ("trivy", "SchemaVersion ClusterName"),
        ("trufflehog", "SourceMetadata logger"),
    )
}
"""The keys of which an object of a format has at least one; none where no object is of it."""

_IN_LISTS: Final[Mapping[str, frozenset[str]]] = {
    **dict.fromkeys(SIGNS, frozenset[str]()),
    **{
        name: frozenset(words.split())
        for name, words in (
            ("croissant", "@type"),
            ("garak", "entry_type probe"),
            ("gitleaks", "RuleID"),
            ("lm-eval", "doc_id"),
            ("mlflow", "info"),
            ("openlineage", f"job dataset {_BELOW}"),
            ("pip-audit", "name"),
            ("presidio", "entity_type recognizer_results items"),
            ("prometheus-rules", "kind groups"),
            ("trivy", "Target"),
            ("trufflehog", "SourceMetadata logger"),
        )
    },
}
"""The keys of which some object in a list of a format has one; none where no list is of it."""


Shape: TypeAlias = tuple[bool, tuple[str, ...]]
"""Whether JSON is a list, and the keys that can be signs."""


def shape_of(document: Parsed) -> Shape | None:
    """Return what can be told of a document by its keys, or None where it has none."""
    value = document.value
    if document.media != "json" or not isinstance(value, dict | list):
        return None
    if isinstance(value, dict):
        return False, tuple(value)
    keys = dict.fromkeys(chain.from_iterable([one for one in value if type(one) is dict]))
    below = document.holds(_BELOW) or document.holds("\\u")
    return True, (*keys, _BELOW) if below else tuple(keys)


def has_sign(format_name: str, shape: Shape) -> bool:
    """Tell whether JSON of a shape can be of a format."""
    in_list, keys = shape
    signs = (_IN_LISTS if in_list else SIGNS).get(format_name)
    return signs is None or not signs.isdisjoint(keys)
