"""Triggers that refuse to change or remove what was recorded, in both databases.

They are a tripwire against slips and bugs: whoever owns the database can drop them. Revisions that
have shipped call these functions, so what they do for a given table stays as it is.
"""

from typing import Final

from alembic import op

_WORDS: Final = "recorded rows cannot be changed"
_FUNCTION: Final = "assay_refuse_change"


def begin_guards() -> None:
    """Make what the triggers of PostgreSQL call; SQLite needs nothing."""
    if _is_sqlite():
        return
    op.execute(
        f"CREATE FUNCTION {_FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" RAISE EXCEPTION '{_WORDS}: %', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';"
        " END $$"
    )


def guard(table: str, key: tuple[str, ...]) -> None:
    """Refuse UPDATE, DELETE and every way of putting a row in the place of another."""
    if not _is_sqlite():
        _on_postgresql(table, "UPDATE OR DELETE")
        return
    _on_sqlite(table, "update", f'BEFORE UPDATE ON "{table}"')
    _guard_sqlite(table, key)


def guard_blobs(columns: tuple[str, ...]) -> None:
    """Refuse every change of ``blobs`` but one: content becomes null and stays so."""
    if not _is_sqlite():
        kept = " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in columns)
        _on_postgresql("blobs", "UPDATE", f"WHEN (NEW.content IS NOT NULL OR {kept})")
        _on_postgresql("blobs", "DELETE")
        return
    kept = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in columns)
    _on_sqlite("blobs", "update", f"BEFORE UPDATE ON blobs WHEN NEW.content IS NOT NULL OR {kept}")
    _guard_sqlite("blobs", ("digest",))


def _guard_sqlite(table: str, key: tuple[str, ...]) -> None:
    # INSERT OR REPLACE removes the older row without calling the trigger of DELETE.
    same = " AND ".join(f'"{name}" = NEW."{name}"' for name in key)
    row = f'SELECT 1 FROM "{table}" WHERE ({same}) OR rowid = NEW.rowid'  # noqa: S608 - our names
    taken = f"EXISTS ({row})"
    _on_sqlite(table, "delete", f'BEFORE DELETE ON "{table}"')
    _on_sqlite(table, "replace", f'BEFORE INSERT ON "{table}" WHEN {taken}')


def _on_sqlite(table: str, what: str, event: str) -> None:
    op.execute(
        f'CREATE TRIGGER "{table}_no_{what}" {event} BEGIN'
        f" SELECT RAISE(ABORT, '{_WORDS}: {table}'); END"
    )


def _on_postgresql(table: str, events: str, when: str = "") -> None:
    name = f"{table}_no_{events.split(maxsplit=1)[0].lower()}"
    op.execute(
        f'CREATE TRIGGER "{name}" BEFORE {events} ON "{table}" FOR EACH ROW {when}'
        f" EXECUTE FUNCTION {_FUNCTION}()"
    )
    if "DELETE" in events:
        op.execute(
            f'CREATE TRIGGER "{table}_no_truncate" BEFORE TRUNCATE ON "{table}"'
            f" FOR EACH STATEMENT EXECUTE FUNCTION {_FUNCTION}()"
        )


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"
