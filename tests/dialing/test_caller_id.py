from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.dialing.caller_id import Places, Standing, Tally, choose, choose_among, once_more, why_tired
from dialer.model.ids import CampaignId
from dialer.model.phone import PhoneNumber
from tests.compliance.cases import a_campaign

POOL = ["+12125550101", "+13125550102", "+13125550103", "+442079460104"]
CAMPAIGN = a_campaign(caller_ids=POOL)
numbers = st.integers(0, 9999).map(lambda rest: f"{rest:04d}")


def test_a_number_of_the_callees_own_area_comes_first() -> None:
    assert choose(CAMPAIGN, PhoneNumber("+12125550123")) == "+12125550101"


@given(numbers)
@settings(max_examples=50)
def test_several_of_the_same_area_share_it(rest: str) -> None:
    assert choose(CAMPAIGN, PhoneNumber(f"+1312555{rest}")) in {"+13125550102", "+13125550103"}


@given(numbers, st.permutations(POOL))
@settings(max_examples=50)
def test_the_same_callee_always_sees_the_same_number_whatever_the_order(rest: str, pool: list[str]) -> None:
    phone = PhoneNumber(f"+1650555{rest}")
    assert choose(a_campaign(caller_ids=pool), phone) == choose(CAMPAIGN, phone)


def test_the_pool_is_shared_out_and_a_new_number_moves_only_its_own_callees() -> None:
    phones = [PhoneNumber(f"+4930794{rest:05d}") for rest in range(400)]
    before = [choose(a_campaign(caller_ids=POOL[:3]), phone) for phone in phones]
    after = [choose(CAMPAIGN, phone) for phone in phones]
    assert all(before.count(number) > 90 for number in POOL[:3])
    assert {new for old, new in zip(before, after, strict=True) if old != new} == {POOL[3]}
    assert 60 < after.count(PhoneNumber(POOL[3])) < 140


def test_a_number_of_the_callees_country_comes_before_all_others() -> None:
    assert choose(CAMPAIGN, PhoneNumber("+442079460999")) == "+442079460104"
    assert choose(CAMPAIGN, PhoneNumber("no number")) in POOL


def test_weights_share_the_callees_out() -> None:
    phones = [PhoneNumber(f"+4930794{rest:05d}") for rest in range(600)]
    standings = {POOL[0]: Standing(weight=3), POOL[1]: Standing(weight=0)}
    shown = [choose_among(CAMPAIGN, phone, standings) for phone in phones]
    assert PhoneNumber(POOL[1]) not in shown
    assert 300 < shown.count(PhoneNumber(POOL[0])) < 420, "three parts of five"


def test_a_number_that_rests_is_passed_over_and_its_callees_come_back() -> None:
    phone = PhoneNumber("+13125550777")
    usual = choose_among(CAMPAIGN, phone, {})
    assert usual == choose(CAMPAIGN, phone)
    other = choose_among(CAMPAIGN, phone, {usual: Standing(may_be_shown=False)})
    assert other in {"+13125550102", "+13125550103"} - {usual}
    assert choose_among(CAMPAIGN, phone, {number: Standing(may_be_shown=False) for number in POOL}) is None


def test_a_tired_number_is_one_that_people_stopped_answering() -> None:
    good = Tally(dials=200, answered=80, short=8)
    assert why_tired(good, good) == ""
    assert why_tired(Tally(100, 15, 0), good) == "its answer rate fell from 40% to 15%"
    assert why_tired(Tally(40, 0, 0), good) == "", "too few to say"
    assert why_tired(Tally(100, 10, 0), Tally(30, 30, 0)) == ""
    assert why_tired(Tally(100, 40, 30), Tally()) == "75% of its answered calls ended within seconds"
    assert (Tally().answer_rate, Tally().short_share) == (0.0, 0.0)


FIRST, SECOND = PhoneNumber("+12125550101"), PhoneNumber("+13125550102")


def test_without_limits_there_is_always_a_place() -> None:
    places = Places(None, {(CampaignId(1), FIRST): 900})
    assert places.left(CampaignId(1), CAMPAIGN) is None
    assert places.take(CampaignId(1), CAMPAIGN, FIRST)


def test_a_caller_id_has_so_many_places_over_all_campaigns() -> None:
    two = a_campaign(caller_ids=[FIRST, SECOND])
    places = Places(2, {(CampaignId(1), FIRST): 1, (CampaignId(2), FIRST): 1})
    assert places.left(CampaignId(1), two) == 2
    assert not places.take(CampaignId(1), two, FIRST), "another campaign shows it too"
    assert [places.take(CampaignId(1), two, SECOND) for _ in range(3)] == [True, True, False]
    assert places.left(CampaignId(1), two) == 0


def test_a_campaign_may_have_fewer_places_of_its_own() -> None:
    one = a_campaign(caller_ids=[FIRST], pacing={"caller_concurrency": 1})
    places = Places(5, {(CampaignId(2), FIRST): 3})
    assert places.left(CampaignId(1), one) == 1
    assert places.take(CampaignId(1), one, FIRST)
    assert not places.take(CampaignId(1), one, FIRST)
    assert places.left(CampaignId(2), a_campaign(caller_ids=[FIRST])) == 1
    over = Places(1, {(CampaignId(1), FIRST): 4})
    assert over.left(CampaignId(1), one) == 0, "the limit was lowered meanwhile"


def test_a_number_whose_dials_of_today_are_given_away_is_passed_over() -> None:
    phone, standings = PhoneNumber("+12125550777"), {POOL[0]: Standing(left=2), POOL[1]: Standing()}
    for left in (2, 1):
        assert standings[POOL[0]].left == left
        assert choose_among(CAMPAIGN, phone, standings) == POOL[0]
        standings = dict(once_more(standings, POOL[0]))
    assert choose_among(CAMPAIGN, phone, standings) != POOL[0]
    assert once_more(standings, POOL[1]) == standings, "without a cap nothing is counted"
    assert once_more(standings, POOL[2]) == standings
