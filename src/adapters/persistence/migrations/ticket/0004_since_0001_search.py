"""Search among a million: in PostgreSQL by indexes for what is asked for; names put together, from Unicode's parts."""

from __future__ import annotations

from typing import Final
from unicodedata import normalize

import sqlalchemy as sa
from alembic import op

revision = "ticket_0004_since_0001"
down_revision = "ticket_0003_since_0001"

PIECES: Final = """
CREATE OR REPLACE FUNCTION pieces(whole text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE found text[] := string_to_array(whole, NULL);
BEGIN
    FOR place IN 1 .. cardinality(found) - 1 LOOP
        found := found || (found[place] || found[place + 1]);
    END LOOP;
    RETURN found;
END
$$
"""
PERIOD: Final = """
CREATE OR REPLACE FUNCTION period(starts bigint, ends bigint) RETURNS int8range
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT int8range(CASE WHEN starts > ends THEN ends ELSE starts END, ends, '[]')
$$
"""
"""Without a beginning or an end where there is none; what ends before it starts, as nothing ours does, is no range."""
BEFOREHAND: Final = (PIECES, PERIOD)
INDEXES: Final = {
    "tickets_pieces": "tickets USING gin (pieces(folded)) WITH (fastupdate = off) WHERE status = 'ON_SALE'",
    "tickets_period": "tickets USING gist (period(starts, ends)) WHERE status = 'ON_SALE'",
    "tickets_by_price": "tickets (price, id) WHERE status = 'ON_SALE'",
    "tickets_by_name": "tickets (name NULLS FIRST, id) WHERE status = 'ON_SALE'",
    "tickets_by_company_id": "tickets (company_id, id) WHERE status = 'ON_SALE'",
    "tickets_by_starts": "tickets (starts NULLS FIRST, id) INCLUDE (ends) WHERE status = 'ON_SALE'",
    "tickets_by_ends": "tickets (ends NULLS FIRST, id) WHERE status = 'ON_SALE'",
}
"""Made beforehand where there are tickets already, so that nobody who writes waits for it."""


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _index()
        _put_together()
    else:
        _put_together_here()


def _index() -> None:
    for function in BEFOREHAND:
        op.execute(function)
    for name, of in INDEXES.items():
        op.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {of}")
    for column in ("price", "name", "company_id", "starts", "ends"):
        op.drop_index(f"tickets_{column}")


def _put_together() -> None:
    """An encoding that is not UTF-8 has no parts of letters."""
    if op.get_bind().scalar(sa.text("SHOW server_encoding")) == "UTF8":
        op.execute("UPDATE tickets SET folded = normalize(folded, NFC) WHERE folded IS NOT NFC NORMALIZED")


def _put_together_here() -> None:
    store = op.get_bind()
    names = store.execute(sa.text("SELECT id, folded FROM tickets WHERE folded IS NOT NULL")).all()
    changed = [(id, whole) for id, name in names if (whole := normalize("NFC", name)) != name]
    for id, whole in changed:
        store.execute(sa.text("UPDATE tickets SET folded = :whole WHERE id = :id"), {"whole": whole, "id": id})
