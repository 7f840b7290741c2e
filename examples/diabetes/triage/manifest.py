"""The manifest beside the evidence: what the tools' files do not say themselves."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from triage.releases import DATASET, instant

HEAD = "# What the files beside this one do not say themselves. Written by make_evidence.py.\n"


class _Plain(yaml.SafeDumper):
    """Writes no anchors: each entry is read by itself."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002  # the base class names it
        return True


class Manifest:
    """Collects one entry for each file; everything in it is marked as declared when it is read.

    A time is declared only for a file that states none: a declared value that contradicts the
    file would be a problem.
    """

    def __init__(self) -> None:
        self.files: list[dict[str, Any]] = []

    def add(  # noqa: PLR0913  # one keyword for each thing that a manifest can declare
        self,
        name: str,
        form: str,
        *,
        produced_at: datetime | None = None,
        split: str = "",
        path: str = "",
        dataset: str = "",
        asked: Iterable[str] = (),
        coverage: list[dict[str, Any]] | None = None,
        counts: Mapping[str, object] | None = None,
    ) -> None:
        """List one file. `dataset` names the table that it is about, in place of the model."""
        entry: dict[str, Any] = {"path": name, "as": form}
        if dataset:
            entry["about"] = {"dataset": f"../artifacts/{dataset}.csv"}
        scope = {"dataset": DATASET if split else "", "split": split, "path": path}
        if any(scope.values()):
            entry["scope"] = {key: value for key, value in scope.items() if value}
        if produced_at:
            entry["produced_at"] = instant(produced_at)
        if asked:
            entry["asked"] = list(asked)
        if coverage:
            entry["coverage"] = coverage
        if counts:
            entry["counts"] = dict(counts)
        self.files.append(entry)

    def save(self, path: Path) -> None:
        """Write the manifest as YAML."""
        defaults = {"about": {"model": "../artifacts/model.json"}}
        content = {"defaults": defaults, "files": self.files}
        text = yaml.dump(content, Dumper=_Plain, sort_keys=False, width=100)
        path.write_text(HEAD + text, encoding="utf-8")
