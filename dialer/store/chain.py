"""The heads of the chains of records. Appending locks one head until the transaction ends, so each campaign has its own chain."""

from collections.abc import Sequence

from sqlalchemy import Connection, select, update

from dialer.compliance.chain import Head, Link, beginning, extend
from dialer.store.engine import insert_into
from dialer.store.keys import chain_key
from dialer.store.schema import chains


def append(tx: Connection, name: str, bodies: Sequence[str]) -> list[Link]:
    """Take the next places of the chain for these records, which are stored in the same transaction: no gap can come about.

    Raises ``StoreError`` without the database's key.
    """
    key = chain_key(tx)
    head = _locked(tx, name)
    links, new = extend(key, head, bodies)
    values = {"seq": new.seq, "digest": new.digest, "mac": new.mac}
    tx.execute(update(chains).where(chains.c.name == name).values(values))
    return links


def heads(tx: Connection) -> list[Head]:
    """The head of every chain, in the order of their names."""
    rows = tx.execute(select(chains).order_by(chains.c.name))
    return [Head(row.name, row.seq, row.digest, row.mac) for row in rows]


def _locked(tx: Connection, name: str) -> Head:
    query = select(chains).where(chains.c.name == name).with_for_update()
    row = tx.execute(query).one_or_none()
    if row is None:
        first = {"name": name, "seq": 0, "digest": beginning(name), "mac": ""}
        tx.execute(insert_into(tx, chains).values(first).on_conflict_do_nothing())
        row = tx.execute(query).one()
    return Head(row.name, row.seq, row.digest, row.mac)
