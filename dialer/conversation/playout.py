"""From the model's bursts to what the callee hears: playing, marking, and settling what was heard."""

from dataclasses import dataclass, field

from dialer.conversation.cards import mask_cards
from dialer.conversation.events import AddTurn, ClearPlayout, ClipReady, ConversationCommand, Mark, Play, PlayClip, TruncateHeard
from dialer.conversation.ledger import BYTES_PER_MS, PlayoutLedger, Settled, cut
from dialer.conversation.turns import TurnBook
from dialer.model.transcript import Speaker


@dataclass(slots=True)
class Spoken:
    """One item of ours: its words and the audio that waits."""

    response_id: str
    purpose: str
    words: str = ""
    received_bytes: int = 0
    held: list[bytes] = field(default_factory=list)
    is_complete: bool = False
    is_dead: bool = False
    is_worded: bool = False
    """Its whole transcript has come."""
    is_checked: bool = False
    """A promise in it that must not be made has been found."""
    is_clip: bool = False
    is_foreign: bool = False
    """The model's present session does not know this item: it is a clip of ours, or of a session that was lost."""


class Playout:
    """Our audio on its way to the callee, and the turns that it makes."""

    def __init__(self, out: list[ConversationCommand], book: TurnBook) -> None:
        """``out``: where commands are put."""
        self._out = out
        self._book = book
        self.answered_at: float | None = None
        self.items: dict[str, Spoken] = {}
        self.ledger = PlayoutLedger()
        self.stopped_ms: int | None = None
        """End of the callee's last speech that has no answer yet."""
        self.first_audio_ms: int | None = None
        self.clips: dict[str, ClipReady] = {}
        """Sentences that lie ready as sound, by name."""
        self.played: set[str] = set()
        """Purposes of which an item was heard to its end."""

    def ms(self, now: float) -> int:
        """Milliseconds since the answer."""
        return 0 if self.answered_at is None else max(0, round((now - self.answered_at) * 1000))

    def waiting(self) -> list[str]:
        """Items with audio that was not handed over yet."""
        return [item_id for item_id, spoken in self.items.items() if spoken.held]

    def is_busy(self, now: float) -> bool:
        """Something is heard or waits to be heard."""
        return self.ledger.is_sounding(now) or bool(self.waiting())

    def spoke_in(self, response_id: str) -> bool:
        """The response has brought audio that is not dropped."""
        return any(it.response_id == response_id and it.received_bytes and not it.is_dead for it in self.items.values())

    def release(self, item_id: str, now: float) -> None:
        """Hand over an item's waiting audio, in one piece: a buffered opening has hundreds. A complete item gets its mark."""
        spoken = self.items[item_id]
        pieces, spoken.held = spoken.held, []
        if pieces:
            self._play(item_id, b"".join(pieces), now)
        if spoken.is_complete and self.ledger.complete(item_id):
            self._out.append(Mark(item_id))

    def drop(self) -> list[str]:
        """Nothing that is not heard yet will be. Returns the items of which nothing was handed over."""
        unheard = [
            item_id
            for item_id, spoken in self.items.items()
            if spoken.held and not spoken.is_foreign and not self.ledger.has(item_id)
        ]
        for spoken in self.items.values():
            spoken.is_dead = True
            spoken.held.clear()
        if self.ledger.clear():
            self._out.append(ClearPlayout())
        return unheard

    def play_clip(self, clip: ClipReady, now: float) -> None:
        """Play a sentence that lies ready as sound; the model learns of it when it was heard."""
        item_id = f"clip-{clip.name}-{len(self.items)}"
        self.items[item_id] = Spoken("", clip.name, clip.text, clip.count, is_complete=True, is_clip=True, is_foreign=True)
        self._sent(item_id, clip.count, now)
        self._out.append(PlayClip(clip.name, item_id))
        self.ledger.complete(item_id)
        self._out.append(Mark(item_id))

    def lose_session(self, now: float) -> None:
        """The model's session is gone: what it has said so far is all that it will say, and nobody can be told of cuts."""
        for item_id, spoken in self.items.items():
            spoken.is_foreign = True
            if not spoken.is_complete and not spoken.is_dead:
                spoken.is_complete = True
                if self.ledger.has(item_id):
                    self.release(item_id, now)

    def mark_played(self, name: str, now: float) -> None:
        """The carrier played an item to its end."""
        settled = self.ledger.played(name)
        if settled is not None:
            self.played.add(self.items[name].purpose)
            self._settle(settled, now)

    def cleared(self, heard_ms: int, now: float) -> None:
        """The carrier dropped the rest: tell the model what was heard of each item, and keep the same for ourselves."""
        for settled in self.ledger.cleared(heard_ms, now):
            if settled.was_cut and not self.items[settled.item_id].is_foreign:
                self._out.append(TruncateHeard(settled.item_id, settled.heard_ms))
            self._settle(settled, now)

    def leg_closed(self, now: float, heard_ms: int | None = None) -> None:
        """Nothing more can be heard; what was is estimated by the clock where the carrier did not say."""
        for spoken in self.items.values():
            spoken.held.clear()
        self.ledger.clear()
        for settled in self.ledger.cleared(self.ledger.estimate_ms(now) if heard_ms is None else heard_ms, now):
            self._settle(settled, now)

    def _play(self, item_id: str, mulaw: bytes, now: float) -> None:
        self._sent(item_id, len(mulaw), now)
        self._out.append(Play(item_id, mulaw))

    def _sent(self, item_id: str, count: int, now: float) -> None:
        now_ms = self.ms(now)
        starts_ms = max(now_ms, self.ms(self.ledger.idle_at()))
        if self.first_audio_ms is None:
            self.first_audio_ms = now_ms
        if self.ledger.send(item_id, count, now):
            latency = None if self.stopped_ms is None else max(0, now_ms - self.stopped_ms)
            self.stopped_ms = None
            self._book.began(item_id, Speaker.AGENT, starts_ms, latency)

    def _settle(self, settled: Settled, now: float) -> None:
        spoken = self.items[settled.item_id]
        whole_ms = max(settled.sent_ms, spoken.received_bytes // BYTES_PER_MS)
        heard = mask_cards(cut(spoken.words, settled.heard_ms, whole_ms).strip())
        if spoken.is_clip and heard:
            self._out.append(AddTurn(Speaker.AGENT, heard))
        self._book.agent_settled(
            settled.item_id,
            text=heard,
            generated=mask_cards(spoken.words),
            end_ms=self.ms(now),
            is_interrupted=settled.was_cut,
        )
