"""Catalogs of controls, and crosswalks between two of them.

One generic node tree serves every framework: a function, a clause, a risk and an action are all a
``Control``, and ``judgeable`` says which of them a rule can speak for. Crosswalk rows show what is
related and never carry a verdict.
"""

import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from assaybook.domain.base import Frozen
from assaybook.domain.errors import UsageError, did_you_mean

CatalogId = Annotated[str, Field(pattern=r"^[a-z0-9]+([.-][a-z0-9]+)*$", max_length=80)]
Words = Annotated[str, Field(min_length=1)]
_SEPARATORS: Final = re.compile(r"[^a-z0-9.]+")
_SUGGESTIONS: Final = 3


class TextPolicy(StrEnum):
    """What of the publisher's wording a catalog may carry."""

    EXACT = "exact"
    TITLES = "titles"
    OWN_TITLES = "own-titles"


class Relationship(StrEnum):
    """How the source of a crosswalk row stands to its target.

    ``mitigates`` and ``addresses`` join a control to a threat; they are not set relations and stay
    out of coverage arithmetic.
    """

    EQUIVALENT = "equivalent"
    SUPERSET = "superset"
    SUBSET = "subset"
    INTERSECTS = "intersects"
    RELATED = "related"
    ADDRESSES = "addresses"
    MITIGATES = "mitigates"


class Basis(StrEnum):
    """Who stands behind a crosswalk row, strongest first."""

    PUBLISHED = "published"
    PUBLISHED_DRAFT = "published-draft"
    PUBLISHED_UNVERIFIED = "published-unverified"
    OWN_JUDGEMENT = "own-judgement"


class Confidence(StrEnum):
    """How sure the author of a row is; absent where the author did not say."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Control(Frozen):
    """One node of a catalog.

    ``id`` is as printed (``GOVERN 1.1``, ``A.6.2.4``), ``slug`` its lower-case token
    (``govern-1.1``) and ``alias`` a second printed form (``GV-1.1``). ``title`` is the publisher's
    or ours, as the catalog's notes say; where none is given it is the opening words of ``text``.
    ``text`` is the publisher's exact wording, or None. ``groups`` holds every group of the same
    catalog that the node belongs to where there are more than ``parent``. ``risks`` are ids of the
    same catalog and ``risk_labels`` the words printed for them. ``applies_to`` is an id of the
    catalog that this one profiles. ``earlier_wording`` is a superseded wording still in
    circulation. ``page`` counts from 1, as printed.
    """

    id: Words
    alias: Words | None = None
    slug: Words
    kind: Words
    title: Words
    text: Words | None = None
    parent: Words | None = None
    judgeable: bool
    actors: tuple[Words, ...] = ()
    topics: tuple[Words, ...] = ()
    risks: tuple[Words, ...] = ()
    risk_labels: tuple[Words, ...] = ()
    characteristics: tuple[Words, ...] = ()
    groups: tuple[Words, ...] = ()
    applies_to: Words | None = None
    about: Words | None = None
    earlier_wording: Words | None = None
    page: int | None = Field(default=None, ge=1)
    printed_id: Words | None = None
    remarks: tuple[Words, ...] = ()


class ControlGroup(Frozen):
    """A row of a heat map: one group and the judgeable controls directly in it.

    ``top`` is the root above the group (for the AI RMF the function, with the category as
    ``group``); both are None for the controls of a catalog without groups.
    """

    top: Control | None
    group: Control | None
    controls: tuple[Control, ...]


class CatalogHeader(Frozen):
    """What a catalog is and where it was taken from.

    ``retrieved`` is a day, ``YYYY-MM-DD``. ``verification`` says how far the content was checked.
    ``profile_of`` is the catalog that this one adds to.
    """

    id: CatalogId
    title: Words
    identifier: Words | None = None
    version: Words
    publisher: Words
    doi: Words | None = None
    source: Words
    licence: Words
    text_policy: TextPolicy
    profile_of: CatalogId | None = None
    retrieved: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")
    verification: Words
    notes: tuple[Words, ...] = ()


class Catalog(CatalogHeader):
    """A published framework, one edition of it; every parent stands before its children."""

    controls: tuple[Control, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _is_a_tree(self) -> Self:
        for _index, message in tree_faults(self.controls, self.text_policy):
            raise ValueError(message)
        return self

    @cached_property
    def by_id(self) -> dict[str, Control]:
        """Every control by its printed id."""
        return {control.id: control for control in self.controls}

    @cached_property
    def by_token(self) -> dict[str, Control]:
        """Every control by each token that finds it."""
        return {name: control for control in self.controls for name in _names(control)}

    @cached_property
    def by_parent(self) -> dict[str | None, tuple[Control, ...]]:
        """The children of every node, in printed order; the roots under None."""
        found: dict[str | None, list[Control]] = {}
        for control in self.controls:
            found.setdefault(control.parent, []).append(control)
        return {parent: tuple(children) for parent, children in found.items()}

    def resolve(self, name: str) -> str | None:
        """Return the printed id for an id, slug or alias in any case, or None."""
        exact = self.by_id.get(name)
        found = exact or self.by_token.get(token(name))
        return found.id if found else None

    def suggest(self, name: str) -> tuple[str, ...]:
        """Return up to three printed ids that resemble ``name``, nearest first."""
        near = get_close_matches(token(name), self.by_token, n=2 * _SUGGESTIONS, cutoff=0.6)
        return tuple(dict.fromkeys(self.by_token[each].id for each in near))[:_SUGGESTIONS]

    def find(self, name: str) -> Control:
        """Return the control that an id, slug or alias names.

        Raises:
            UsageError: ``control-unknown``; the hint names what comes near.
        """
        known = self.resolve(name)
        if known is None:
            raise UsageError(
                "control-unknown",
                f"there is no control {name!r} in {self.id}",
                where=self.id,
                hint=did_you_mean(self.suggest(name)) or f"assay control list --catalog {self.id}",
            )
        return self.by_id[known]

    def roots(self) -> tuple[Control, ...]:
        """Return the nodes without a parent: functions, clauses, risks, as the catalog has them."""
        return self.by_parent[None]

    def children(self, control_id: str) -> tuple[Control, ...]:
        """Return the nodes directly under one, in printed order."""
        return self.by_parent.get(control_id, ())

    def ancestors(self, control_id: str) -> tuple[Control, ...]:
        """Return the parent chain of a node, nearest first."""
        chain: list[Control] = []
        parent = self.by_id[control_id].parent
        while parent is not None:
            chain.append(self.by_id[parent])
            parent = chain[-1].parent
        return tuple(chain)

    def judgeable(self, under: str | None = None) -> tuple[Control, ...]:
        """Return the controls that a rule can speak for: all, or ``under`` itself and below."""
        return tuple(
            control
            for control in self.controls
            if control.judgeable and (under is None or self._within(control, under))
        )

    def heat_map(self) -> tuple[ControlGroup, ...]:
        """Return the groups that hold judgeable controls; each such control is in exactly one."""
        held: dict[str | None, list[Control]] = {}
        for control in self.controls:
            if control.judgeable:
                held.setdefault(control.parent, []).append(control)
        return tuple(self._group(parent, controls) for parent, controls in held.items())

    def _group(self, parent: str | None, controls: Sequence[Control]) -> ControlGroup:
        if parent is None:
            return ControlGroup(top=None, group=None, controls=tuple(controls))
        group = self.by_id[parent]
        top = (group, *self.ancestors(parent))[-1]
        return ControlGroup(top=top, group=group, controls=tuple(controls))

    def _within(self, control: Control, under: str) -> bool:
        return control.id == under or any(each.id == under for each in self.ancestors(control.id))


class Provenance(Frozen):
    """Who says what the rows of one basis say; ``reviewer`` is None while nobody has checked."""

    author: Words
    document: Words | None = None
    source: Words | None = None
    licence: Words | None = None
    reviewer: Words | None = None
    note: Words | None = None


class CrosswalkRow(Frozen):
    """One typed link from a control of the source catalog to one of the target catalog.

    ``seen_in`` names the transcriptions that a published row was read from.
    """

    source: Words
    target: Words
    relationship: Relationship
    basis: Basis
    confidence: Confidence | None = None
    reviewer: Words | None = None
    seen_in: tuple[Words, ...] = ()


class CrosswalkHeader(Frozen):
    """Which two catalogs are joined, and ``provenance`` for every basis in use."""

    id: Words
    title: Words
    source: CatalogId
    target: CatalogId
    status: Words
    provenance: dict[Basis, Provenance]


class Crosswalk(CrosswalkHeader):
    """Typed rows between two catalogs, or between two parts of one."""

    rows: tuple[CrosswalkRow, ...] = Field(min_length=1)


def token(name: str) -> str:
    """Return the lower-case token form of a printed id: ``Art. 9(2)(a)`` is ``art-9-2-a``."""
    dashed = _SEPARATORS.sub("-", name.lower())
    return re.sub(r"\.*-\.*", "-", dashed).strip("-.")


def slug_of(control_id: str, kind: str) -> str:
    """Return the slug of a node; one that would begin with a digit takes its kind in front."""
    plain = token(control_id)
    return plain if plain[:1].isalpha() else f"{token(kind)}-{plain}"


def tree_faults(controls: Sequence[Control], text_policy: TextPolicy) -> Iterator[tuple[int, str]]:
    """Yield the position and the reason of everything that keeps controls from being a catalog.

    A name that finds two controls is a fault, for then neither is found for sure.
    """
    ids: set[str] = set()
    taken: dict[str, str] = {}
    for index, control in enumerate(controls):
        if control.id in ids:
            yield index, f"the id {control.id!r} is used twice"
        if control.parent is not None and control.parent not in ids:
            yield index, f"the parent {control.parent!r} of {control.id!r} does not stand before it"
        carried = control.text or control.about or control.earlier_wording
        if carried is not None and text_policy is not TextPolicy.EXACT:
            yield index, f"{control.id!r} carries text, which {text_policy.value!r} does not allow"
        for name in _names(control):
            other = taken.setdefault(name, control.id)
            if other != control.id:
                yield index, f"{name!r} would name both {other!r} and {control.id!r}"
        ids.add(control.id)
    yield from _dangling(controls, ids)


def _dangling(controls: Sequence[Control], ids: set[str]) -> Iterator[tuple[int, str]]:
    for index, control in enumerate(controls):
        for other in (*control.groups, *control.risks):
            if other not in ids:
                yield index, f"{control.id!r} refers to {other!r}, which is not in the catalog"


def _names(control: Control) -> frozenset[str]:
    given = (control.id, control.slug, control.alias, control.printed_id)
    return frozenset(token(name) for name in given if name)
