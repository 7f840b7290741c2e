"""OSCAL as far as we speak it: the parts that every document shares, and how its texts are written.

Source: NIST OSCAL 1.2.1, the JSON form. Only the fields in use are here. What OSCAL has no field
for stands in properties of our own namespace.
"""

import re
import unicodedata
from typing import Final, Literal
from uuid import NAMESPACE_URL, uuid5

from pydantic import ConfigDict

from assaybook.domain.base import Frozen
from assaybook.domain.ids import Instant

VERSION: Final = "1.2.1"
"""The version of OSCAL that is written, and that was checked."""
NS: Final = "urn:assaybook:oscal:1"
"""The namespace of our own properties."""
SHA256: Final = "SHA-256"
_ROOT: Final = uuid5(NAMESPACE_URL, NS)
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_MARKS: Final = re.compile(r"([\\`*~^\[\]<>{}]|(?<!\w)_|_(?!\w))")
"""What Markdown or OSCAL may read as a mark; an underscore inside a word is none."""
_MARKED: Final = re.compile(r"\\([\\`*_~^\[\]<>{}])")
_NOT_NAME: Final = re.compile(r"[^A-Za-z0-9._-]+")


def _kebab(name: str) -> str:
    return name.rstrip("_").replace("_", "-")


class Shape(Frozen):
    """An object of an OSCAL document; its fields are written with hyphens."""

    model_config = ConfigDict(alias_generator=_kebab, validate_by_name=True, validate_by_alias=True)


class Prop(Shape):
    """A named value; ``ns`` says whose name it is, and without it the name is OSCAL's own."""

    name: str
    ns: str | None = NS
    value: str
    class_: str | None = None
    group: str | None = None


class Link(Shape):
    """A reference to something, and what it is to the holder."""

    href: str
    rel: str | None = None


class Hash(Shape):
    """A digest of a resource; ``value`` is lower-case hex."""

    algorithm: Literal["SHA-256"] = SHA256
    value: str


class Rlink(Shape):
    """Where the bytes of a resource are, and their digests."""

    href: str
    media_type: str | None = None
    hashes: tuple[Hash, ...] | None = None


class Embedded(Shape):
    """The bytes of a resource themselves, in Base64."""

    filename: str
    media_type: str
    value: str


class DocumentId(Shape):
    """What a resource is called in some scheme."""

    scheme: str = NS
    identifier: str


class Resource(Shape):
    """Something that the document refers to."""

    uuid: str
    title: str
    description: str | None = None
    props: tuple[Prop, ...] | None = None
    document_ids: tuple[DocumentId, ...] | None = None
    rlinks: tuple[Rlink, ...] | None = None
    base64: Embedded | None = None


class BackMatter(Shape):
    """What the document refers to."""

    resources: tuple[Resource, ...]


class Role(Shape):
    """What a party can be."""

    id: str
    title: str


class Party(Shape):
    """A person or an organisation."""

    uuid: str
    type: Literal["person", "organization"]
    name: str
    props: tuple[Prop, ...] | None = None


class Metadata(Shape):
    """What the document is."""

    title: str
    last_modified: Instant
    version: str
    oscal_version: Literal["1.2.1"] = VERSION
    props: tuple[Prop, ...] | None = None
    links: tuple[Link, ...] | None = None
    roles: tuple[Role, ...] | None = None
    parties: tuple[Party, ...] | None = None
    remarks: str | None = None


class TextPart(Shape):
    """A part of a control: a statement, or an objective of an assessment."""

    id: str
    name: str
    ns: str | None = None
    class_: str | None = None
    title: str | None = None
    props: tuple[Prop, ...] | None = None
    prose: str | None = None


def uuid_of(kind: str, *names: str) -> str:
    """Return the UUID (version 5) of a thing, which is the same wherever it is written again.

    ``kind`` and ``names`` together say which thing it is; at least one of them is a digest or an
    id that nothing else has.
    """
    told = "".join(f"{len(name)}:{name}" for name in (kind, *names))
    return str(uuid5(_ROOT, told.encode(errors="backslashreplace").decode()))


def line(text: str) -> str:
    """Return a text as OSCAL wants a string: one line that shows whole; ``-`` where none is left.

    White space becomes single blanks, and what cannot be seen shows as ``�``.
    """
    plain = " ".join(text.split())
    if plain.isprintable():
        return plain or "-"
    return "".join("\ufffd" if unicodedata.category(each) in _UNSEEN else each for each in plain)


def markup(text: str) -> str:
    """Return a text for a field that viewers read as Markdown, in which it has no marks.

    So evidence can draw no link, no emphasis and no markup on an auditor's screen.
    """
    return escaped(line(text))


def escaped(text: str) -> str:
    """Return a text of any number of lines in which Markdown has no marks."""
    return _MARKS.sub(r"\\\1", text)


def unmarked(text: str) -> str:
    """Return the text that ``escaped`` was given."""
    return _MARKED.sub(r"\1", text)


def name_of(text: str) -> str:
    """Return a text as a token: a letter or ``_``, then letters, digits, ``.``, ``_`` and ``-``."""
    plain = _NOT_NAME.sub("-", text)
    return plain if plain[:1].isalpha() or plain.startswith("_") else f"_{plain}"
