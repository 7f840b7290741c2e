"""Which formats JSON can be of, by the keys at its top: a look-up before any question.

An object without any of a format's signs is none of that format, whatever else it holds, so its
adapter need not be asked; nor about a list in which no object has one. An adapter that is not
listed here is asked about every document.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import chain
from typing import Final

from assaybook.intake.adapter import Adapter
from assaybook.intake.parsed import Parsed
from assaybook.intake.values import Json

_FEW: Final = 20
"""Keys of an object that is remembered by them."""
_SHAPES: Final = 256
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

_IN_LISTS: Final[Mapping[str, frozenset[str]]] = {
    **dict.fromkeys(SIGNS, frozenset[str]()),
    **{
        name: frozenset(words.split())
        for name, words in (
            ("croissant", "@type"),
            ("garak", "entry_type probe"),
            ("gitleaks", "RuleID"),
            ("lm-eval", "doc_id"),
            ("openlineage", f"job dataset {_BELOW}"),
            ("pip-audit", "name"),
            ("presidio", "entity_type recognizer_results"),
            ("prometheus-rules", "kind groups"),
            ("trivy", "Target"),
        )
    },
}
"""The keys of which some object in a list of a format has one; none where no list is of it."""


def asked(document: Parsed, adapters: Iterable[Adapter]) -> Iterator[Adapter]:
    """Return those adapters that can recognise a document of which nobody declared the format."""
    value = document.value
    if document.media != "json" or not isinstance(value, dict | list):
        return iter(adapters)
    keys = tuple(value) if isinstance(value, dict) else _keys_in(value, document.text)
    few = len(keys) <= _FEW
    others = (_remembered if few else _others)(keys, in_list=isinstance(value, list))
    return (one for one in adapters if one.name not in others)


def _keys_in(items: list[Json], text: str) -> tuple[str, ...]:
    """Return the keys of all objects in a list, and the one that is looked for below them."""
    keys = dict.fromkeys(chain.from_iterable(one for one in items if isinstance(one, dict)))
    return (*keys, _BELOW) if _BELOW in text or "\\u" in text else tuple(keys)


def _others(keys: tuple[str, ...], *, in_list: bool) -> frozenset[str]:
    """Return the formats of which an object or a list with these keys has no sign."""
    signs = _IN_LISTS if in_list else SIGNS
    return frozenset(name for name, each in signs.items() if each.isdisjoint(keys))


_remembered: Final = lru_cache(_SHAPES)(_others)
