"""What the pages of a pack look up beyond the frameworks that judged: the act, and crosswalks."""

from collections.abc import Mapping
from itertools import pairwise

from assaybook.catalogs.crosswalk import load_crosswalks
from assaybook.catalogs.load import load_catalogs
from assaybook.domain.control import Catalog, Crosswalk
from assaybook.reporting.annex import ACT

__all__ = ["related"]


def related(catalogs: tuple[Catalog, ...]) -> tuple[Mapping[str, Catalog], tuple[Crosswalk, ...]]:
    """Return the catalogs of a pack with that of the EU AI Act, and the crosswalks among them.

    A catalog that judged stands as it was given, whatever ships under its id today.
    """
    given = {each.id: each for each in catalogs}
    shipped = load_catalogs()
    known = given | {
        name: shipped[name] for name in (ACT,) if name in shipped and name not in given
    }
    crosswalks = load_crosswalks()
    return known, tuple(
        crosswalks[name]
        for name in crosswalks
        for source, target in pairwise(name.split("--"))
        if source in known and target in known and source != target
    )
