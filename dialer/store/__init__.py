"""The database: schema, transactions, the queue and the records. The only package that speaks SQL.

Every function takes an open transaction (``tx``) first and neither begins nor ends one: ``operations`` does, with
``Store.write()`` and ``Store.read()``. Instants come in as arguments: ``now`` is the campaign's instant, ``lease_now``
the world's, by which processes judge each other. Rows come back as frozen dataclasses.
"""
