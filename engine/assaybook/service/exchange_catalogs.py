"""Catalogs from and to other tools: OSCAL in and out, and files of ours."""

from enum import StrEnum
from pathlib import Path

from assaybook.catalogs.load import find_catalog, load_catalogs
from assaybook.catalogs.oscal_in import Told, read_oscal
from assaybook.catalogs.oscal_keep import catalog_yaml
from assaybook.catalogs.oscal_out import catalog_oscal
from assaybook.domain.control import Catalog
from assaybook.domain.errors import UsageError
from assaybook.service.files import read_bytes, write_bytes


class CatalogForm(StrEnum):
    """How a catalog is written."""

    OSCAL = "oscal"
    YAML = "yaml"


def written_catalog(name: str, form: CatalogForm) -> bytes:
    """Return a catalog that ships in a form.

    Raises:
        UsageError: ``catalog-unknown``.
    """
    catalog = find_catalog(load_catalogs(), name)
    return catalog_oscal(catalog) if form is CatalogForm.OSCAL else catalog_yaml(catalog).encode()


def read_catalog_file(file: Path, told: Told) -> Catalog:
    """Return the catalog of an OSCAL file, with what a person says of it.

    Raises:
        UsageError: the file cannot be read.
        AuthorError: ``oscal-unreadable``, ``oscal-unsupported`` or ``oscal-invalid``.
    """
    return read_oscal(read_bytes(file), str(file), told)


def keep_catalog(catalog: Catalog, folder: Path) -> Path:
    """Write a catalog as a file of ours into a folder of catalogs, and return where it is.

    Raises:
        UsageError: ``file-unwritable``, or ``catalog-there``; a catalog is not replaced.
        AuthorError: ``oscal-unsupported``.
    """
    target = folder / catalog.id / "catalog.yaml"
    content = catalog_yaml(catalog).encode()
    if target.exists():
        message = "there is a catalog of that id already"
        raise UsageError("catalog-there", message, where=str(target), hint="Choose another --id.")
    write_bytes(target, content)
    return target
