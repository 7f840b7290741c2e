"""Give a pack parts that nobody ever wrote, and count what is believed and what breaks a verifier.

`python bench/faults/parts.py [CHANGES] [--signed]`, by default 2,000. One place in one JSON part of
a small pack is changed: another type, a missing or a doubled name, a huge number, depth.
The list of the manifest is made anew, so that the readers behind it are reached; without keys, as
anybody can, or with `--signed` as whoever holds all the keys of the report can. With `--open` the
pack is of a release that fails, so that there is a plan of action and a history. Both verifiers
look at each. One JSON object for each verifier: what was believed, what crashed, how many exits of
each kind, and the longest time. The exit code is 1 where one crashed, took over 20 seconds, or an
unsigned pack was believed.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))

from assaybook.domain.attachment import MANIFEST
from assaybook.domain.canonical import canonical
from assaybook.service.pack_contents_manifest import manifest
from assaybook.service.pack_parts import pack_parts
from assaybook.service.pack_sources import PackSources
from assaybook.service.verify import verify_pack
from support.verifying import (
    FLAWED,
    RELEASE,
    World,
    a_world,
    attachments,
    second_verifier,
    with_files,
)

CHANGES: Final = 2_000
_SEED: Final = 20261121
_SLOW_SECONDS: Final = 20.0
_DEEP: Final = 100_000
_STAY: Final = 0.15
"""How often a whole branch is changed, and not something in it."""
_VALUES: Final[tuple[Any, ...]] = (
    *(None, True, False, 0, -1, 2**53, -(2**63), 0.5, -1e300, "", "x", "\x00", "\u202e"),
    *("x" * 100_000, "9999-12-31T23:59:59Z", "0000-00-00", "sha256:", [], {}, [[]], {"": {}}),
    *("../../x", "%s{0}", "/" * 500, ["x"] * 1_000, {"type": "metric"}),
)
_RAW: Final = (
    b"1e999",
    b"NaN",
    b"-Infinity",
    b"1" * 5_000,
    b'"\\ud800"',
    b"[" * _DEEP,
    b"[" * 500 + b"]" * 500,
    b'{"a":' * 500 + b"1" + b"}" * 500,
    b'{"a":1,"a":2}',
    b"\xff",
    b"",
)


def main() -> int:
    """Print one line for each verifier; return the exit code."""
    asked = argparse.ArgumentParser()
    asked.add_argument("changes", nargs="?", type=int, default=CHANGES)
    asked.add_argument("--signed", action="store_true", help="as whoever holds all keys")
    asked.add_argument("--open", action="store_true", help="of a release that fails")
    options = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        world = a_world(Path(folder), FLAWED if options.open else RELEASE)
        return int(_played(world, options.changes, signed=options.signed))


def _played(world: World, changes: int, *, signed: bool) -> bool:
    chance = random.Random(_SEED)  # noqa: S311 - no secret
    verifiers: dict[str, Callable[[bytes], int]] = {
        "assay verify": lambda raw: verify_pack(raw, root=world.root if signed else None).exit,
        "tools/verify_pack.py": lambda raw: int(
            second_verifier().verdict(raw, world.root if signed else None)[0]
        ),
    }
    exits: dict[str, Counter[int]] = {name: Counter() for name in verifiers}
    longest = dict.fromkeys(verifiers, 0.0)
    parts, wrong = parts_of(world, signed=signed), False
    for number in range(changes + 1):
        part, why, files = "nothing", "", parts
        while number and files == parts:
            part, why, files = changed(parts, chance)
        raw = world.packed(world.relisted(files)) if signed else unsigned(world, files)
        for name, verifier in verifiers.items():
            began = time.process_time()
            try:
                code = verifier(raw)
            except BaseException as error:  # noqa: BLE001 - it is what is counted
                code = -1
                said = f"{type(error).__name__}: {str(error)[:200]}"
                print(f"{number}: {name} crashed at {part} {why}: {said}", file=sys.stderr)
            longest[name] = max(longest[name], time.process_time() - began)
            if not number:
                wrong |= code != (0 if signed else 3)
                continue
            exits[name][code] += 1
            if code == 0:
                print(f"{number}: {name} believed {part} {why}", file=sys.stderr)
    for name, found in exits.items():
        line = {"kind": "signed parts" if signed else "unsigned parts", "verifier": name}
        told = {"changes": changes, "believed": found[0], "crashed": found[-1]}
        told |= {"bad": found[1], "cannot_tell": found[3]}
        print(json.dumps(line | told | {"longest_seconds": round(longest[name], 2)}), flush=True)
        wrong |= bool(found[-1]) or longest[name] > _SLOW_SECONDS or bool(found[0] and not signed)
    return wrong


def unsigned(world: World, files: dict[str, bytes]) -> bytes:
    """Return a pack of these parts that nobody signed, listed as its maker would."""
    told = world.said(files) | {"keys": "none", "made_at": None}
    return with_files(
        world.pages, {**files, MANIFEST: manifest(attachments(files), told, None).data}
    )


def parts_of(world: World, *, signed: bool) -> dict[str, bytes]:
    """Return the parts that a pack carries beside its manifest, with keys or without."""
    if signed:
        return {name: data for name, data in world.files.items() if name != MANIFEST}
    without = PackSources(world.sources.kept)
    made = pack_parts(world.judgement, without, organisation="Ward")
    return {one.name: one.data for one in made if one.name != MANIFEST}


def changed(parts: Mapping[str, bytes], chance: random.Random) -> tuple[str, str, dict[str, bytes]]:
    """Return the parts of a pack with one place of one of them changed: which, and how."""
    files = dict(parts)
    part = chance.choice(sorted(name for name in files if name.endswith(".json")))
    whole = json.loads(files[part])
    holder, name = place_in(whole, chance)
    how = chance.randrange(5)
    mark = "\ue000place"
    if how == 0 and isinstance(holder, dict):
        del holder[name]
        why = f"without {name}"
    elif how == 1 and isinstance(holder, dict):
        holder[f"{name}x"] = holder[name]
        why = f"with {name}x"
    elif how in {2, 3}:
        holder[name] = chance.choice(_VALUES)
        why = f"{name} = {str(holder[name])[:40]!r}"
    else:
        holder[name] = mark
        noise = chance.choice(_RAW)
        files[part] = (
            json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
            .encode()
            .replace(f'"{mark}"'.encode(), noise)
        )
        return part, f"{name} = {noise[:30]!r}", files
    files[part] = written(part, whole)
    return part, why, files


def written(part: str, whole: Any) -> bytes:  # noqa: ANN401 - any JSON
    """Return a part in the form that it has in a pack, so that its form gives nothing away."""
    if part.startswith("oscal-"):
        return (json.dumps(whole, ensure_ascii=False, indent=2) + "\n").encode(errors="replace")
    try:
        return canonical(whole)
    except ValueError:
        return json.dumps(whole, sort_keys=True, separators=(",", ":")).encode()


def place_in(whole: Any, chance: random.Random) -> tuple[Any, Any]:  # noqa: ANN401 - any JSON
    """Return a mapping or a list somewhere in a value, and a name or a place in it."""
    holder, name = whole, None
    while True:
        names = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        name = chance.choice(names)
        below = holder[name]
        if not isinstance(below, (dict, list)) or not below or chance.random() < _STAY:
            return holder, name
        holder = below


if __name__ == "__main__":
    sys.exit(main())
