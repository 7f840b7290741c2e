"""Catalogs from a folder: ``<catalog-id>/catalog.yaml``, each read when it is first asked for.

The index is the folder names alone, so a lint that cites one catalog reads one file.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Final, TypeVar

from assaybook.domain.errors import UsageError, did_you_mean
from assaybook.shelf import shelf

if TYPE_CHECKING:
    # Ids alone are often all that is asked for; then no catalog is read, nor what reads one.
    from assaybook.domain.control import Catalog

CROSSWALKS: Final = "crosswalks"
INDEX: Final = "index.json"
_Loaded = TypeVar("_Loaded")


class OnDemand(Mapping[str, _Loaded]):
    """A read-only mapping whose names are known at once and whose values are read when wanted."""

    def __init__(self, names: tuple[str, ...], read: Callable[[str], _Loaded]) -> None:
        """Keep the names and the reader; nothing is read yet."""
        self._names = names
        self._read = read
        self._held: dict[str, _Loaded] = {}

    def __getitem__(self, name: str) -> _Loaded:
        """Return the value, reading it the first time.

        Raises:
            KeyError: there is no such name.
            AuthorError: its file cannot be used.
        """
        if name not in self._held:
            if name not in self._names:
                raise KeyError(name)
            self._held[name] = self._read(name)
        return self._held[name]

    def __contains__(self, name: object) -> bool:
        """Say whether the name is in the index, without reading its file."""
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        """Give the names in alphabetical order."""
        return iter(self._names)

    def __len__(self) -> int:
        """Count the names."""
        return len(self._names)


def load_catalogs(folder: Traversable | None = None) -> Mapping[str, "Catalog"]:
    """Return the catalogs of a folder by id; without a folder, those that ship.

    Each is read and checked when it is first asked for; reading one raises ``AuthorError`` with
    file and line where it cannot be used, and where its folder holds no ``catalog.yaml``.
    """
    place = shelf("controls") if folder is None else folder
    names = sorted(
        each.name
        for each in place.iterdir()
        if each.is_dir() and each.name != CROSSWALKS and not each.name.startswith((".", "_"))
    )

    def read(name: str) -> "Catalog":
        from assaybook.catalogs.read import FILE, read_catalog

        return read_catalog(place / name / FILE, name)

    return OnDemand(tuple(names), read)


def load_index() -> dict[str, frozenset[str]]:
    """Return the printed ids of the controls that a rule may speak for, by shipped catalog.

    It saves reading whole catalogs where ids alone are asked for; what is not in it may still be
    another spelling, so that only the catalog itself says that there is no such control.
    """
    listed: dict[str, list[str]] = json.loads((shelf("controls") / INDEX).read_bytes())
    return {catalog: frozenset(controls) for catalog, controls in listed.items()}


def citable(catalog: "Catalog") -> frozenset[str]:
    """Return the printed ids of the controls of a catalog that a rule may speak for."""
    return frozenset(each.id for each in catalog.controls if each.judgeable)


def find_catalog(catalogs: Mapping[str, "Catalog"], name: str) -> "Catalog":
    """Return the catalog called ``name``, in any case.

    Raises:
        UsageError: ``catalog-unknown``; the hint names what comes near.
    """
    if name.lower() in catalogs:
        return catalogs[name.lower()]
    near = get_close_matches(name.lower(), list(catalogs), n=3, cutoff=0.4)
    raise UsageError(
        "catalog-unknown",
        f"there is no catalog {name!r}",
        where="the catalogs",
        hint=did_you_mean(near) or f"There are {', '.join(catalogs)}.",
    )
