"""Change a signed pack in every way that a byte can go wrong, and count what is still believed.

`python bench/faults/flips.py [FLIPS] [--every] [--only product|second]`, by default 10,000 random
flips of one bit; with `--every`, also another value for every single byte of the pack, which is of
one document, one rule and one control, so that this takes minutes. Both verifiers look at each,
or one of them. One JSON object for each kind of change and verifier: how many changes, how many
were believed, how many crashed, how many were left open, and milliseconds for one. The exit code
is 1 when one was.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))

from assaybook.service.verify import verify_pack
from support.verifying import a_small_world, second_verifier

FLIPS: Final = 10_000
_SEED: Final = 20261120
_UNSURE: Final = 3
Verifier = Callable[[bytes], int]


def main() -> int:
    """Print one line for each kind of change and verifier; return the exit code."""
    asked = argparse.ArgumentParser()
    asked.add_argument("flips", nargs="?", type=int, default=FLIPS)
    asked.add_argument("--every", action="store_true", help="change every byte once, too")
    asked.add_argument("--only", choices=("product", "second"), help="one of the two verifiers")
    options = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        world = a_small_world(Path(folder))
        pack, root = world.packed(), world.root
    verifiers: dict[str, Verifier] = {
        "assay verify": lambda raw: verify_pack(raw, root=root).exit,
        "tools/verify_pack.py": lambda raw: int(second_verifier().verdict(raw, root)[0]),
    }
    if options.only:
        verifiers.pop("assay verify" if options.only == "second" else "tools/verify_pack.py")
    kinds: dict[str, Callable[[], Iterator[bytes]]] = {
        "bit flips": lambda: _flips(pack, options.flips)
    }
    if options.every:
        kinds["every byte"] = lambda: _edits(pack)
    believed = 0
    for kind, changes in kinds.items():
        for name, verifier in verifiers.items():
            told = _counted(verifier, changes())
            believed += told["believed"] + told["crashed"]
            line = {"kind": kind, "verifier": name, "bytes": len(pack), **told}
            print(json.dumps(line), flush=True)
    clean = [verifier(pack) for verifier in verifiers.values()]
    print(json.dumps({"kind": "unchanged", "exits": clean}))
    return int(bool(believed) or any(clean))


def _counted(verifier: Verifier, changes: Iterator[bytes]) -> dict[str, Any]:
    count = believed = crashed = unsure = 0
    began = time.process_time()
    for raw in changes:
        count += 1
        try:
            code = verifier(raw)
        except Exception as error:  # noqa: BLE001 - it is what is counted
            print(f"crashed: {type(error).__name__}: {error}", file=sys.stderr)
            code = -1
        believed += code == 0
        crashed += code not in {0, 1, 3}
        unsure += code == _UNSURE
    spent = time.process_time() - began
    return {
        "changes": count,
        "believed": believed,
        "crashed": crashed,
        "cannot_tell": unsure,
        "ms_each": round(spent * 1000 / max(count, 1), 2),
    }


def _flips(pack: bytes, count: int) -> Iterator[bytes]:
    chance = random.Random(_SEED)  # noqa: S311 - no secret
    for _ in range(count):
        changed = bytearray(pack)
        changed[chance.randrange(len(pack))] ^= 1 << chance.randrange(8)
        yield bytes(changed)


def _edits(pack: bytes) -> Iterator[bytes]:
    chance = random.Random(_SEED)  # noqa: S311 - no secret
    for place, byte in enumerate(pack):
        changed = bytearray(pack)
        changed[place] = (byte + chance.randrange(1, 256)) % 256
        yield bytes(changed)


if __name__ == "__main__":
    sys.exit(main())
