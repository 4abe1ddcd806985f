"""Objections are named by phrases, in the callee's words, or by a model whose quote stands."""

import pytest

from dialer.leads.objections import find_objections
from dialer.model.lead import Analysis, Claim, ObjectionKind, Source
from tests.support.results import a_transcript


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("That is too expensive for us", ObjectionKind.PRICE),
        ("太贵了", ObjectionKind.PRICE),
        ("Maybe next year", ObjectionKind.TIMING),
        ("我在开会", ObjectionKind.TIMING),
        ("How did you get my number?", ObjectionKind.TRUST),
        ("你们是骗子吧", ObjectionKind.TRUST),
        ("We already have solar", ObjectionKind.HAS_ONE),
        ("已经买过了", ObjectionKind.HAS_ONE),
        ("I don’t need it", ObjectionKind.NO_NEED),
        ("不需要", ObjectionKind.NO_NEED),
        ("I have to ask my wife", ObjectionKind.NOT_ALONE),
        ("我要跟家里人商量一下", ObjectionKind.NOT_ALONE),
        ("we rent", ObjectionKind.NOT_ENTITLED),
        ("房子是租的房子,租来的", ObjectionKind.NOT_ENTITLED),
        ("Just email me something", ObjectionKind.IN_WRITING),
        ("发个资料吧", ObjectionKind.IN_WRITING),
        ("Are you a robot?", ObjectionKind.AUTOMATED),
        ("你是机器人吗", ObjectionKind.AUTOMATED),
    ],
)
def test_explicit_phrases(words, kind):
    (found,) = find_objections(a_transcript("> Hello", words))
    assert (found.kind, found.evidence.quote, found.evidence.turn_seq, found.source) == (kind, words, 2, Source.RULE)


def test_the_agents_words_and_ordinary_ones_are_none():
    assert find_objections(a_transcript("> Is it too expensive?", "Yes, send me an offer")) == ()


def test_one_of_a_kind_in_order_of_speaking():
    found = find_objections(a_transcript("we rent", "too expensive", "way too expensive, so expensive"))
    assert [(item.kind, item.evidence.turn_seq) for item in found] == [(ObjectionKind.NOT_ENTITLED, 1), (ObjectionKind.PRICE, 2)]


def test_a_models_objection_counts_where_its_quote_stands():
    talk = a_transcript("> Hello", "my cousin had a leak, too expensive")
    claims = (
        Claim("trust", "had a leak", 2),
        Claim("price", "too expensive", 2),
        Claim("timing", "not now", 2),
        Claim("unheard of", "my cousin", 2),
    )
    found = {item.kind: item for item in find_objections(talk, Analysis(objections=claims))}
    assert set(found) == {ObjectionKind.TRUST, ObjectionKind.PRICE, ObjectionKind.OTHER}
    assert (found[ObjectionKind.PRICE].source, found[ObjectionKind.PRICE].evidence.quote) == (Source.MODEL, "too expensive")


def test_an_answer_to_a_question_of_the_campaign_is_no_objection():
    talk = a_transcript("> Fine. Do you need a ride?", "No, I do not need that.")
    assert find_objections(talk, None, ["Do you need a ride?"]) == ()
    assert [item.kind for item in find_objections(talk, None, ["How old are you?"])] == [ObjectionKind.NO_NEED]
    price = a_transcript("> Do you need a ride?", "That is too expensive.")
    assert [item.kind for item in find_objections(price, None, ["Do you need a ride?"])] == [ObjectionKind.PRICE]
    again = a_transcript("> Do you need a ride?", "Hm.", "I do not need that.")
    assert [item.kind for item in find_objections(again, None, ["Do you need a ride?"])] == [ObjectionKind.NO_NEED]
