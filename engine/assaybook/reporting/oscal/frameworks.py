"""The frameworks of an assessment: what OSCAL calls them and their controls, to be read without us.

Titles, editions and tokens are of the catalogs that ship, which a pack does not carry. Whoever
checks the OSCAL documents of a pack finds here what they were made with.
"""

from typing import Final

from pydantic import JsonValue

from assaybook.domain.canonical import canonical
from assaybook.domain.finding import ControlReach, ControlStanding
from assaybook.reporting.oscal.source import OWN, OscalSource

FRAMEWORKS_KIND: Final = "assaybook/frameworks/v1"


def frameworks(source: OscalSource) -> bytes:
    """Return each framework that is spoken of, with the tokens of its controls; canonical JSON.

    One whose catalog is not known has no title and no version.
    """
    named: dict[str, dict[str, JsonValue]] = {}
    spoken: list[ControlReach | ControlStanding] = [*source.assessment.standings]
    spoken += [reach for one in source.judged for reach in source.reaches(one)]
    for each in spoken:
        if each.catalog != OWN:
            named.setdefault(each.catalog, {})[each.control] = source.control_token(each)
    return canonical(
        {
            "frameworks": [_told(source, name, named[name]) for name in sorted(named)],
            "kind": FRAMEWORKS_KIND,
        }
    )


def _told(source: OscalSource, name: str, tokens: dict[str, JsonValue]) -> JsonValue:
    catalog = source.catalogs.get(name)
    return {
        "catalog": name,
        "title": catalog.title if catalog else None,
        "tokens": tokens,
        "version": catalog.version if catalog else None,
    }
