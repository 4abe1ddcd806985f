"""Every kind of tampering with a chain is found, and honest chains are whole."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.compliance.chain import Head, Link, Linked, beginning, canonical, digest_of, extend, flaws, seal, seal_head

KEY, OTHER = b"k" * 32, b"o" * 32
NAME = "campaign:1"


def grown(count: int, key: bytes = KEY, name: str = NAME) -> tuple[list[Linked], Head]:
    bodies = [canonical({"n": number}) for number in range(1, count + 1)]
    links, head = extend(key, Head(name, 0, beginning(name)), bodies)
    return [Linked(body, link) for body, link in zip(bodies, links, strict=True)], head


@given(st.lists(st.integers(0, 5), max_size=5))
def test_an_honest_chain_is_whole_however_it_grew(steps: list[int]) -> None:
    records: list[Linked] = []
    head = Head(NAME, 0, beginning(NAME))
    for count in steps:
        bodies = [f"{head.seq}-{number}" for number in range(count)]
        links, head = extend(KEY, head, bodies)
        records += [Linked(body, link) for body, link in zip(bodies, links, strict=True)]
    assert [record.link.seq for record in records] == list(range(1, len(records) + 1))
    assert not steps or flaws(KEY, head, records) == []


def test_an_edit_a_deletion_an_exchange_and_a_cut_are_found() -> None:
    records, head = grown(6)
    edited = [replace(record, body="{}") if record.link.seq == 3 else record for record in records]
    assert flaws(KEY, head, edited) == ["record 3 was changed, or is not in its place"]
    assert flaws(KEY, head, records[:2] + records[3:])[0] == "record 3 is missing"
    assert flaws(KEY, head, [*records[:2], records[3], records[2], *records[4:]])[0] == "record 3 is missing"
    exchanged = [replace(record, body=records[-record.link.seq].body) for record in records]
    assert "record 1 was changed" in flaws(KEY, head, exchanged)[0]
    assert "the end was cut off" in flaws(KEY, head, records[:-1])[0]
    assert flaws(KEY, head, [*records, records[-1]])[0] == "record 6 is there twice"


def test_who_computes_all_digests_anew_has_no_seals() -> None:
    records, _ = grown(4)
    forged, head = grown(3, OTHER)
    assert "a seal that our key did not make" in flaws(KEY, head, forged)[0]
    assert flaws(OTHER, head, forged) == []
    kept = [Linked(record.body, replace(record.link, mac=old.link.mac)) for record, old in zip(forged, records, strict=False)]
    assert flaws(KEY, replace(head, mac=records[2].link.mac), kept) != []


def test_a_shorter_chain_cannot_borrow_a_records_seal_for_its_head() -> None:
    records, _ = grown(5)
    link = records[2].link
    cut = Head(NAME, 3, link.digest, link.mac)
    assert flaws(KEY, cut, records[:3]) == ["the head has a seal that our key did not make, or is not the last record"]
    rolled_back = Head(NAME, 3, link.digest, seal_head(KEY, NAME, 3, link.digest))
    assert flaws(KEY, rolled_back, records[:3]) == [], "a whole older state is honest by itself"


def test_an_anchor_kept_elsewhere_finds_a_rollback_and_another_history() -> None:
    records, head = grown(5)
    older = grown(3)
    assert flaws(KEY, older[1], older[0], head) == [
        "the chain ends with record 3, and record 5 was its head when it was kept elsewhere"
    ]
    assert flaws(KEY, head, records, older[1]) == []
    assert flaws(KEY, head, records, Head(NAME, 0, beginning(NAME))) == []
    other = replace(older[1], digest="0" * 64)
    assert "is not the one that was the head" in flaws(KEY, head, records, other)[0]


def test_a_record_of_another_chain_does_not_fit() -> None:
    records, head = grown(2, name="campaign:2")
    assert "is not in its place" in flaws(KEY, replace(head, name=NAME), records)[0]


def test_many_flaws_are_cut_short() -> None:
    records, head = grown(60)
    broken = [replace(record, body="") for record in records]
    assert len(flaws(KEY, head, broken)) == 20


@pytest.mark.parametrize("value", [{"b": 1, "a": "é"}, {"a": "é", "b": 1}])
def test_the_text_of_a_record_does_not_depend_on_order(value: dict[str, object]) -> None:
    assert canonical(value) == '{"a":"é","b":1}'


def test_the_parts_depend_on_what_they_say() -> None:
    assert (
        len({beginning("a"), beginning("b"), digest_of("", 1, "x"), digest_of("", 2, "x"), seal(KEY, "x"), seal(OTHER, "x")}) == 6
    )
    assert Head("a", 1, "d", "m").as_json() == {"name": "a", "seq": 1, "digest": "d"}
    assert Link(1, "d", "m") == Link(1, "d", "m")
