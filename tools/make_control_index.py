"""Write controls/index.json: the controls that a rule may speak for, by catalog.

A lint looks ids up here, and reads a whole catalog only for an id that stands not in it.
"""

import json
from pathlib import Path
from typing import Final

from assaybook.catalogs.load import INDEX, citable, load_catalogs

ROOT: Final = Path(__file__).resolve().parents[1]


def main() -> None:
    """Write the index of the catalogs as they are now."""
    index = {name: sorted(citable(catalog)) for name, catalog in load_catalogs().items()}
    text = json.dumps(index, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    (ROOT / "controls" / INDEX).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
