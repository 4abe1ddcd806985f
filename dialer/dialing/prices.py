"""What a call costs: the settled cost from the model's usage, the worst case to reserve, the expected cost for a plan.

Prices are data (``data/prices.toml``, dated, with sources). An unknown model or carrier is priced like the most
expensive one we know, so that a new name never makes a budget look larger than it is. All amounts are ``Decimal`` in
US dollars, rounded up to a hundredth of a cent.
"""

import math
import tomllib
from datetime import date
from decimal import ROUND_UP, Decimal
from functools import cache
from importlib import resources

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dialer.errors import UserError
from dialer.model.attempt import Usage
from dialer.model.campaign import Campaign

_MILLION = Decimal(1_000_000)
_STEP = Decimal("0.0001")
_BILLED_S = 60
"""A carrier bills by the begun minute."""


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str = Field(min_length=1)
    checked_on: date


class ModelPrice(_Row):
    """One voice model, per million tokens."""

    names: tuple[str, ...] = Field(min_length=1)
    text_in: Decimal
    text_cached: Decimal
    text_out: Decimal
    audio_in: Decimal
    audio_cached: Decimal
    audio_out: Decimal


class MinutePrice(_Row):
    """A price per minute."""

    names: tuple[str, ...] = Field(min_length=1)
    per_minute: Decimal


class Rhythm(_Row):
    """How a call is supposed to go."""

    replies_per_minute: int
    callee_tokens_per_s: int
    agent_tokens_per_s: int
    slowest_words_per_s: int
    callee_s: int
    agent_s: int
    fixed_prompt_tokens: int
    expected_cached_share: Decimal
    expected_talk_s: int
    expected_answer_share: Decimal


class Prices(BaseModel):
    """The whole price file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str
    currency: str
    models: tuple[ModelPrice, ...] = Field(min_length=1)
    transcription: tuple[MinutePrice, ...] = Field(min_length=1)
    carriers: tuple[MinutePrice, ...] = Field(min_length=1)
    rhythm: Rhythm

    def model(self, name: str) -> ModelPrice:
        """The row of a model; of an unknown one the dearest."""
        dearest = max(self.models, key=lambda row: (row.audio_out, row.audio_in, row.text_out, row.text_in))
        return next((row for row in self.models if name in row.names), dearest)


def load_prices(text: str) -> Prices:
    """Read a price file; raise ``UserError`` when it cannot be understood."""
    try:
        return Prices.model_validate(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise UserError(f"the price file cannot be read: {error}", code="bad_prices") from error


@cache
def shipped_prices() -> Prices:
    """The prices that travel with the package, read once."""
    file = resources.files("dialer.dialing") / "data" / "prices.toml"
    return load_prices(file.read_text(encoding="utf-8"))


def cost(usage: Usage, model: str, talk_s: float, carrier: str, transcription_model: str = "gpt-transcribe") -> Decimal:
    """Return what an attempt cost: tokens by kind, transcription by the second, the carrier by the begun minute of
    the talk.

    The cached tokens are a part of the input tokens and are priced by themselves. ``talk_s`` is 0 for an unanswered
    attempt.
    """
    prices = shipped_prices()
    row = prices.model(model)
    tokens = (
        (usage.text_in - usage.text_cached) * row.text_in
        + usage.text_cached * row.text_cached
        + usage.text_out * row.text_out
        + (usage.audio_in - usage.audio_cached) * row.audio_in
        + usage.audio_cached * row.audio_cached
        + usage.audio_out * row.audio_out
    ) / _MILLION
    written = Decimal(str(usage.transcription_s)) / 60 * _per_minute(prices.transcription, transcription_model)
    return _rounded(tokens + written + connection(carrier, talk_s))


def connection(carrier: str, talk_s: float) -> Decimal:
    """Return what the carrier bills for a talk by its list price: the begun minutes. A part of ``cost``."""
    return math.ceil(Decimal(str(talk_s)) / _BILLED_S) * _per_minute(shipped_prices().carriers, carrier)


def worst_case(campaign: Campaign, model: str, carrier: str = "") -> Decimal:
    """Return what one attempt may cost at most: the full call length with nothing cached, at the rhythm of the price
    file.
    """
    return at_most(campaign, model, carrier, campaign.limits.call_s)


def at_most(campaign: Campaign, model: str, carrier: str, talk_s: float) -> Decimal:
    """Return what a talk of so many seconds may have cost at most, for one whose usage nobody has counted."""
    return _cost_of(campaign, model, carrier, math.ceil(talk_s), Decimal(0))


def opening_at_most(campaign: Campaign, model: str, carrier: str, opening: str, tries: int = 1) -> Decimal:
    """Return what an opening that nobody measured may have cost at most: the rendered text, spoken slowly ``tries`` times."""
    rhythm = shipped_prices().rhythm
    spoken_s = -(-estimated_tokens(opening) // rhythm.slowest_words_per_s)
    text_in = _prompt_tokens(campaign) + estimated_tokens(opening)
    once = Usage(text_in=text_in, text_out=estimated_tokens(opening), audio_out=spoken_s * rhythm.agent_tokens_per_s, responses=1)
    return cost(sum([once] * tries, Usage()), model, 0, carrier)


def expected(campaign: Campaign, model: str, carrier: str = "") -> Decimal:
    """Return what one attempt costs on average: answered or not, an ordinary talk, a working prompt cache."""
    rhythm = shipped_prices().rhythm
    talk_s = min(rhythm.expected_talk_s, campaign.limits.call_s)
    answered = _cost_of(campaign, model, carrier, talk_s, rhythm.expected_cached_share)
    unanswered = Decimal(0)
    if campaign.voice.prewarm == "ring":
        opening = Usage(text_in=_prompt_tokens(campaign), audio_out=rhythm.agent_s * rhythm.agent_tokens_per_s)
        unanswered = cost(opening, model, 0, carrier)
    share = rhythm.expected_answer_share
    return _rounded(answered * share + unanswered * (1 - share))


def _cost_of(campaign: Campaign, model: str, carrier: str, talk_s: int, cached_share: Decimal) -> Decimal:
    """Price a call of ``talk_s`` seconds, in which every reply sends the whole talk so far once more."""
    rhythm = shipped_prices().rhythm
    replies = -(-talk_s * rhythm.replies_per_minute // 60)
    callee = rhythm.callee_s * rhythm.callee_tokens_per_s
    agent = rhythm.agent_s * rhythm.agent_tokens_per_s
    audio_in = callee * replies * (replies + 1) // 2 + agent * replies * (replies - 1) // 2
    text_in = _prompt_tokens(campaign) * replies
    usage = Usage(
        text_in=text_in,
        text_cached=int(text_in * cached_share),
        audio_in=audio_in,
        audio_cached=int(audio_in * cached_share),
        audio_out=agent * replies,
        transcription_s=float(talk_s),
        responses=replies,
    )
    return cost(usage, model, talk_s, carrier)


def _prompt_tokens(campaign: Campaign) -> int:
    """Tokens of the instructions."""
    return shipped_prices().rhythm.fixed_prompt_tokens + estimated_tokens(campaign.script)


def estimated_tokens(text: str) -> int:
    """Return about how many tokens a text has, on the safe side: three letters of Latin script a token, one of any other."""
    ascii_letters = sum(letter.isascii() for letter in text)
    return -(-ascii_letters // 3) + len(text) - ascii_letters


def _per_minute(rows: tuple[MinutePrice, ...], name: str) -> Decimal:
    """The price of the row; of an unknown one the dearest."""
    return next((row.per_minute for row in rows if name in row.names), max(row.per_minute for row in rows))


def _rounded(amount: Decimal) -> Decimal:
    return amount.quantize(_STEP, rounding=ROUND_UP)
