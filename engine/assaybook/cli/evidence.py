"""``assay evidence``: a noun whose commands stand in modules of their own.

Reading files loads every adapter, which who lists or erases what is recorded need not wait for.
"""

import typer

app = typer.Typer()
