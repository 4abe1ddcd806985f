from dialer.simulation.asterisk.faults import NAMED, Faults


def test_every_named_fault_but_none_is_one() -> None:
    assert NAMED["none"] == Faults()
    assert len(set(NAMED.values())) == len(NAMED)
