"""A run in a file store of MLflow: a folder, put together as the document that a server would give.

``meta.yaml`` says who and when; each file under ``metrics`` holds lines of time, value and step,
and each under ``tags`` one text. Links are not followed. What is put together names its files, and
its digest is that of the whole.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from assaybook.domain.errors import SubmitterError
from assaybook.intake.limits import Limits
from assaybook.intake.parsed import parse
from assaybook.intake.raw import AS_WRITTEN, read_file
from assaybook.intake.values import Json, count, mapping

RUN_PARTS: Final = frozenset({"metrics", "params", "tags"})
"""Folders of a run whose files are no documents by themselves."""
META: Final = "meta.yaml"
_OF_A_RUN: Final = tuple(
    re.compile(rf"^{key}:", re.MULTILINE) for key in ("run_id", "lifecycle_stage")
)
_MOST_META: Final = 65_536
_MOST_FILES: Final = 10_000
_FIELDS: Final = 3
"""Time, value and step; later versions add the data set and the model."""


def looks_like_run(folder: Path) -> bool:
    """Tell whether a folder is a run of a file store; logged models and experiments are not."""
    try:
        meta = folder / META
        if not (folder / "metrics").is_dir() or not meta.is_file() or meta.is_symlink():
            return False
        with meta.open("rb") as file:
            text = file.read(_MOST_META).decode("utf-8", "replace")
    except (OSError, ValueError):
        return False
    return all(pattern.search(text) for pattern in _OF_A_RUN)


def run_document(folder: Path, name: str, limits: Limits) -> bytes:
    """Return a run folder as one JSON document; the same files give the same bytes.

    Raises:
        SubmitterError: a file of it cannot be read, or is not what it should be.
    """
    found = parse(read_file(folder / META, f"{name}/{META}", limits), f"{name}/{META}", limits)
    files = [META]
    metrics: list[Json] = []
    for key, text in _texts(folder / "metrics", f"{name}/metrics", limits):
        metrics.append(_last(key, text, f"{name}/metrics/{key}"))
        files.append(f"metrics/{key}")
    tags: dict[str, Json] = {}
    for key, text in _texts(folder / "tags", f"{name}/tags", limits):
        tags[key] = text.strip()
        files.append(f"tags/{key}")
    document: dict[str, Json] = {
        "info": dict(mapping(found.value)),
        "data": {"metrics": metrics, "tags": tags},
        "composed_from": [*files],
    }
    return (json.dumps(document, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()


def _texts(folder: Path, name: str, limits: Limits) -> Iterator[tuple[str, str]]:
    """Yield the files below a folder with their texts, in a stable order."""
    if not folder.is_dir() or folder.is_symlink():
        return
    paths = sorted(one for one in folder.rglob("*") if one.is_file() and not one.is_symlink())
    if len(paths) > _MOST_FILES:
        raise SubmitterError(
            "too-many-facts",
            f"the run has more than {_MOST_FILES} files of one kind",
            where=name,
            hint="Submit the run as JSON, as the tracking server gives it.",
        )
    for path in paths:
        key = path.relative_to(folder).as_posix()
        raw = read_file(path, f"{name}/{key}", limits)
        try:
            yield key, raw.decode()
        except UnicodeDecodeError as error:
            raise SubmitterError(
                "document-breaks-format",
                f"a metric or tag must be UTF-8, and byte {error.start} is not",
                where=f"{name}/{key}",
                hint=AS_WRITTEN,
            ) from error


def _last(key: str, text: str, where: str) -> Json:
    """Return the point of a metric that MLflow shows: the last step, and of it the latest."""
    points: list[tuple[int, int, int, str]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        fields = line.split()
        if not fields:
            continue
        at, step = count(fields[0]), count(fields[2] if len(fields) >= _FIELDS else "0")
        if len(fields) < _FIELDS - 1 or at is None or step is None:
            raise SubmitterError(
                "document-breaks-format",
                "a line of a metric must be a time, a value and a step",
                where=f"{where}:{number}",
                hint=AS_WRITTEN,
            )
        points.append((step, at, number, fields[1]))
    if not points:
        return {"key": key, "value": None}
    step, at, _, value = max(points)
    return {"key": key, "value": value, "timestamp": at, "step": step}
