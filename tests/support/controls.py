"""Folders of catalogs and crosswalks, made in memory."""

from collections.abc import Mapping
from importlib.resources.abc import Traversable
from io import BytesIO
from typing import cast
from zipfile import Path as ZipPath
from zipfile import ZipFile

HEADER = """\
catalog:
  id: {id}
  title: House rules
  version: '1'
  publisher: The house
  source: https://example.org/rules
  licence: none needed
  text_policy: {policy}
  retrieved: '2026-01-31'
  verification: written here
"""
NODES = """\
  judgeable: {control: always, clause: leaf}
  counts: {clause: 2, control: 2}
nodes:
  - {id: '1', kind: clause, title: First}
  - {id: '1.1', kind: clause, title: First of first, parent: '1'}
  - {id: RULE 1.1, alias: RL-1.1, kind: control, title: Doors are shut, parent: '1.1'}
  - {id: RULE 1.2, alias: RL-1.2, kind: control, title: Lights are out, parent: '1.1'}
"""
CROSSWALK = """\
crosswalk:
  id: {source}--{target}
  title: From one to the other
  source: {source}
  target: {target}
  status: complete
  provenance:
    own-judgement: {{author: The house, reviewer: A reader}}
  counts: {{own-judgement: 1}}
rows:
  - {{source: RULE 1.1, target: RULE 1.2, relationship: subset, basis: own-judgement}}
"""


def a_folder(files: Mapping[str, str | bytes]) -> Traversable:
    """Return a folder that holds the files, as from a wheel that was never unpacked."""
    packed = BytesIO()
    with ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return cast("Traversable", ZipPath(ZipFile(packed)))


def a_catalog(catalog_id: str = "house", *, policy: str = "titles", nodes: str = NODES) -> str:
    """Return the text of a small catalog: two clauses and two controls."""
    return HEADER.format(id=catalog_id, policy=policy) + nodes


def a_crosswalk(source: str = "house", target: str = "garden") -> str:
    """Return the text of a crosswalk with one row: RULE 1.1 is a subset of RULE 1.2."""
    return CROSSWALK.format(source=source, target=target)
