"""``python -m assaybook`` is the command ``assay``."""

from assaybook.cli.main import run

if __name__ == "__main__":
    run()
