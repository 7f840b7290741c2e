"""A catalog out of OSCAL: one that we wrote reads back as it was, another as far as we know it.

Source: NIST OSCAL 1.x, model catalog, JSON. Groups are nodes that no rule speaks for, controls
those that one can. What is not understood is refused with its place, never left out in silence.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import JsonValue, ValidationError

from assaybook.catalogs.oscal_out import (
    ALIAS,
    EARLIER,
    GUIDANCE,
    HEADER,
    INSTRUCTION,
    LABEL,
    LISTS,
    OVERVIEW,
    SINGLE,
    SORT,
    STATEMENT,
)
from assaybook.catalogs.oscal_walk import UnreadableError, listed, mapping_at, read, text_at, walk
from assaybook.domain.base import Frozen
from assaybook.domain.control import Catalog, Control, TextPolicy, slug_of, token, tree_faults
from assaybook.domain.errors import AuthorError
from assaybook.domain.oscal import NS, unmarked

MOST_NODES: Final = 50_000
_HOLDS: Final = frozenset(
    {"id", "class", "title", "params", "props", "links", "parts", "groups", "controls"}
)
_BODY: Final = frozenset({"uuid", "metadata", "params", "groups", "controls", "back-matter"})
_INSERT: Final = re.compile(r"\{\{\s*insert:\s*param,\s*([^\s}]+)\s*\}\}")
_SPOKEN: Final = frozenset({"1.0", "1.1", "1.2"})
_NOT_STATED: Final = "not stated"
_IN_PLACE: Final = {OVERVIEW: "text", INSTRUCTION: "about"}
_FIELDS: Final = {
    **_IN_PLACE,
    STATEMENT: "text",
    GUIDANCE: "about",
    EARLIER: "earlier_wording",
}
"""The part that each of our texts stands in."""


class Told(Frozen):
    """What a person says of a catalog that OSCAL does not.

    ``catalog_id`` None takes the title; ``text_policy`` says what of the wording may be carried:
    without a licence that allows it, titles alone. ``retrieved`` is a day.
    """

    retrieved: str
    catalog_id: str | None = None
    source: str | None = None
    licence: str | None = None
    text_policy: TextPolicy | None = None


@dataclass(frozen=True, slots=True)
class _Found:
    """A node with its place in the file and, where we wrote it, in the catalog."""

    control: Control
    place: str
    order: str


def read_oscal(raw: bytes, name: str, told: Told) -> Catalog:
    """Return the catalog that OSCAL bytes hold; ``name`` is what errors call the file.

    Raises:
        AuthorError: ``oscal-unreadable``, it is no JSON document; ``oscal-unsupported``, it holds
            something that we do not know how to read; ``oscal-invalid``, it is no sound catalog.
    """
    try:
        document = read(raw)
        for _spot in walk(document):  # bounds its depth
            pass
    except UnreadableError as error:
        raise AuthorError("oscal-unreadable", str(error), where=name) from error
    return _Reader(name, told).catalog(document)


class _Reader:
    """Reads one document; every error names the file and a JSON pointer in it."""

    def __init__(self, name: str, told: Told) -> None:
        self.name = name
        self.told = told
        self.params: dict[str, str] = {}

    def _invalid(self, place: str, message: str) -> AuthorError:
        return AuthorError("oscal-invalid", message, where=f"{self.name}#{place}")

    def _unsupported(self, place: str, message: str, hint: str = "") -> AuthorError:
        where = f"{self.name}#{place}"
        return AuthorError("oscal-unsupported", message, where=where, hint=hint)

    def catalog(self, document: Mapping[str, JsonValue]) -> Catalog:
        """Return the catalog of a document."""
        if set(document) != {"catalog"}:
            held = ", ".join(sorted(document)) or "nothing"
            hint = "Resolve a profile to a catalog first." if "profile" in document else ""
            raise self._unsupported("", f"it holds {held}, and not one catalog", hint)
        body = mapping_at(document, "catalog")
        self._known_keys("/catalog", body, _BODY)
        metadata = mapping_at(body, "metadata")
        version = text_at(metadata, "oscal-version")
        if ".".join(version.split(".")[:2]) not in _SPOKEN:
            known = ", ".join(sorted(_SPOKEN))
            message = f"the OSCAL version {version!r} is none of {known}"
            raise self._unsupported("/catalog/metadata/oscal-version", message)
        own = _ours(metadata)
        policy = self._text_policy(own)
        self._take_params(body)
        found = list(self._nodes(body, policy))
        if own:
            found.sort(key=lambda one: one.order)
        controls = tuple(one.control for one in found)
        for index, message in tree_faults(controls, policy):
            raise self._invalid(found[index].place, message)
        return self._built(metadata, own, policy, controls)

    def _known_keys(
        self, place: str, holder: Mapping[str, JsonValue], known: frozenset[str]
    ) -> None:
        for key in holder:
            if key not in known:
                raise self._unsupported(f"{place}/{key}", f"the key {key!r} is not known here")

    def _text_policy(self, own: Mapping[str, list[str]]) -> TextPolicy:
        said = own.get("text-policy", [""])[0]
        if said and said not in list(TextPolicy):
            raise self._invalid("/catalog/metadata", f"{said!r} is no text policy")
        ours = TextPolicy(said) if said else TextPolicy.TITLES
        return self.told.text_policy or ours

    def _nodes(self, body: Mapping[str, JsonValue], policy: TextPolicy) -> Iterator[_Found]:
        """Yield every node, each parent before its children, without recursion."""
        stack = list(reversed(list(self._children("/catalog", body, None))))
        number = 0
        while stack:
            place, holder, parent, is_group = stack.pop()
            number += 1
            if number > MOST_NODES:
                raise self._unsupported(place, f"it has more than {MOST_NODES} nodes")
            self._known_keys(place, holder, _HOLDS)
            self._take_params(holder)
            control = self._control(place, holder, parent, policy, is_group=is_group)
            yield _Found(control, place, _standard(holder).get(SORT, ""))
            stack += reversed(list(self._children(place, holder, control.id)))

    def _children(
        self, place: str, holder: Mapping[str, JsonValue], parent: str | None
    ) -> Iterator[tuple[str, Mapping[str, JsonValue], str | None, bool]]:
        for key in ("groups", "controls"):
            for number, one in enumerate(listed(holder, key)):
                yield f"{place}/{key}/{number}", one, parent, key == "groups"

    def _take_params(self, holder: Mapping[str, JsonValue]) -> None:
        """Learn what stands in the text for a value that somebody else is to choose."""
        for one in listed(holder, "params"):
            select = mapping_at(one, "select")
            choices = select.get("choice")
            told = text_at(one, "label")
            if isinstance(choices, list):
                told = f"Selection: {'; '.join(str(each) for each in choices)}"
            self.params[text_at(one, "id")] = f"[{told or text_at(one, 'id')}]"

    def _control(
        self,
        place: str,
        holder: Mapping[str, JsonValue],
        parent: str | None,
        policy: TextPolicy,
        *,
        is_group: bool,
    ) -> Control:
        standard, own = _standard(holder), _ours(holder)
        slug, title = text_at(holder, "id"), text_at(holder, "title")
        if not slug or not title:
            raise self._invalid(place, "it has no id, or no title")
        label = standard.get(LABEL, slug)
        withdrawn = standard.get("status", "").lower() == "withdrawn"
        judged = own.get("judgeable", ["false" if is_group or withdrawn else "true"])[0]
        usual = text_at(holder, "class") or ("group" if is_group else "control")
        kind = own.get("kind", [f"withdrawn {usual}" if withdrawn else usual])[0]
        named = slug_of(label, kind)
        given: dict[str, object] = {
            "id": label,
            "alias": standard.get(ALIAS) or (None if slug == named else slug),
            "slug": slug if own else named,
            "kind": kind,
            "title": unmarked(title),
            "parent": parent,
            "judgeable": judged == "true",
            **_extras(own),
        }
        if policy is TextPolicy.EXACT:
            given |= self._texts(place, holder)
        try:
            return Control.model_validate(given)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            why = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
            raise self._invalid(place, why) from error

    def _texts(self, place: str, holder: Mapping[str, JsonValue]) -> dict[str, str | None]:
        found: dict[str, str | None] = {}
        for number, part in enumerate(listed(holder, "parts")):
            said = text_at(part, "name")
            name = _FIELDS.get(said)
            # An overview beside a statement is not what a control asks for.
            if name is not None and (name not in found or said not in _IN_PLACE):
                lines = list(self._lines(f"{place}/parts/{number}", part, 0))
                found[name] = "\n".join(lines) or None
        return found

    def _lines(self, place: str, part: Mapping[str, JsonValue], depth: int) -> Iterator[str]:
        """Yield the prose of a part and of the items in it, each with its label."""
        label = _standard(part).get(LABEL, "") if depth else ""
        prose = self._prose(place, text_at(part, "prose"))
        if prose:
            yield f"{label} {prose}".strip()
        for number, one in enumerate(listed(part, "parts")):
            yield from self._lines(f"{place}/parts/{number}", one, depth + 1)

    def _prose(self, place: str, text: str) -> str:
        def chosen(match: re.Match[str]) -> str:
            if match[1] not in self.params:
                raise self._unsupported(place, f"there is no parameter {match[1]!r}")
            return self.params[match[1]]

        return unmarked(_INSERT.sub(chosen, text))

    def _built(
        self,
        metadata: Mapping[str, JsonValue],
        own: Mapping[str, list[str]],
        policy: TextPolicy,
        controls: tuple[Control, ...],
    ) -> Catalog:
        title = unmarked(text_at(metadata, "title"))
        parties = listed(metadata, "parties")
        publisher = next((text_at(one, "name") for one in parties if text_at(one, "name")), None)
        given: dict[str, object] = {
            "id": own.get("id", [token(title)])[0],
            "title": title,
            "version": text_at(metadata, "version"),
            "publisher": publisher or _NOT_STATED,
            "source": _NOT_STATED,
            "licence": _NOT_STATED,
            "retrieved": self.told.retrieved,
            "verification": "read out of OSCAL; nobody has compared it with the publication",
            **{name: own[key][0] for name in HEADER if (key := name.replace("_", "-")) in own},
            "notes": tuple(own.get("note", ())),
            "text_policy": policy,
            "controls": controls,
        }
        said = {"id": self.told.catalog_id, "source": self.told.source}
        given |= {name: value for name, value in said.items() if value is not None}
        given |= {} if self.told.licence is None else {"licence": self.told.licence}
        try:
            return Catalog.model_validate(given)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            why = f"{'.'.join(map(str, first['loc'])) or 'catalog'}: {first['msg']}"
            raise self._invalid("/catalog/metadata", why) from error


def _extras(own: Mapping[str, list[str]]) -> dict[str, object]:
    """Return the fields that stand in properties of ours."""
    found: dict[str, object] = {}
    for name in LISTS:
        found[name] = tuple(own.get(name.replace("_", "-"), ()))
    for name in SINGLE:
        said = own.get(name.replace("_", "-"))
        if said is not None:
            number = name == "page" and said[0].isdecimal()
            found[name] = int(said[0]) if number else said[0]
    return found


def _ours(holder: Mapping[str, JsonValue]) -> dict[str, list[str]]:
    """Return the properties of our namespace by name, in their order."""
    found: dict[str, list[str]] = {}
    for one in listed(holder, "props"):
        if text_at(one, "ns") == NS:
            found.setdefault(text_at(one, "name"), []).append(text_at(one, "value"))
    return found


def _standard(holder: Mapping[str, JsonValue]) -> dict[str, str]:
    """Return OSCAL's own properties by name; of several labels, the one that is of no class."""
    found: dict[str, str] = {}
    for one in sorted(listed(holder, "props"), key=lambda each: "class" in each):
        if text_at(one, "ns") in {"", "http://csrc.nist.gov/ns/oscal"}:
            found.setdefault(text_at(one, "name"), text_at(one, "value"))
    return found
