"""Policies, controls and coverage as they are shown over HTTP."""

from pydantic import JsonValue

from assaybook.domain.base import Frozen
from assaybook.service.controls import CoveredControl
from assaybook.service.policies import PolicyLine


class PolicyPage(Frozen):
    """The policies that the server judges by, in order of id."""

    items: tuple[PolicyLine, ...]
    next: str | None = None


class CatalogLine(Frozen):
    """A catalog of controls; ``judgeable`` is how many of its nodes a rule can speak for."""

    catalog: str
    title: str
    version: str
    nodes: int
    judgeable: int
    text: str
    publisher: str
    licence: str
    verification: str


class CatalogPage(Frozen):
    """The catalogs that there are, in order of id."""

    items: tuple[CatalogLine, ...]
    next: str | None = None


class ControlLine(Frozen):
    """A node of a catalog."""

    catalog: str
    control: str
    alias: str | None
    slug: str
    kind: str
    title: str
    parent: str | None
    judgeable: bool


class ControlPage(Frozen):
    """The nodes of a catalog, in its order."""

    items: tuple[ControlLine, ...]
    next: str | None = None


class Titled(Frozen):
    """A control by its id and title."""

    control: str
    title: str


class RelatedLine(Frozen):
    """A control of another catalog that is related; no verdict passes from one to the other."""

    catalog: str
    control: str
    title: str
    relationship: str
    basis: str
    confidence: str | None
    reviewer: str
    grounds: str
    said_by: str | None
    document: str | None
    crosswalk: str


class ControlAnswer(Frozen):
    """All that is known of a control."""

    catalog: dict[str, JsonValue]
    control: dict[str, JsonValue]
    parents: tuple[Titled, ...]
    children: tuple[str, ...]
    related: tuple[RelatedLine, ...]


class CoveragePage(Frozen):
    """Controls that can be judged, each with the policies that bear on it; none is a gap."""

    items: tuple[CoveredControl, ...]
    next: str | None = None
