"""The transcript while it is made: who spoke, in which order, and what was heard.

Transcripts of the callee come late and in any order, so a turn has its place from the moment its speech began; the
words are put there when they come. A turn is recorded when its words are known, and again when they change.
"""

from dataclasses import replace

from dialer.conversation.events import ConversationCommand, RecordTurn
from dialer.model.transcript import Speaker, Turn


class TurnBook:
    """All turns of one call by item. Milliseconds count from the answer."""

    def __init__(self, out: list[ConversationCommand]) -> None:
        """``out``: where commands are put."""
        self._out = out
        self._turns: dict[str, Turn] = {}

    @property
    def last_seq(self) -> int:
        """The number of the latest turn, 0 before the first."""
        return len(self._turns)

    def turns(self) -> list[Turn]:
        """All turns in order, those without words too."""
        return [*self._turns.values()]

    def began(self, item_id: str, speaker: Speaker, start_ms: int, latency_ms: int | None = None) -> None:
        """A stretch of speech begins; a second report of the same item changes nothing."""
        if item_id not in self._turns:
            seq = len(self._turns) + 1
            self._turns[item_id] = Turn(
                seq, speaker, "", start_ms, start_ms, item_id=item_id, latency_ms=latency_ms
            )  # fmt: skip

    def stopped(self, item_id: str, end_ms: int) -> None:
        """The callee's stretch ends."""
        turn = self._turns.get(item_id)
        if turn is not None:
            self._turns[item_id] = replace(turn, end_ms=max(turn.start_ms, end_ms))

    def callee_said(self, item_id: str, text: str, now_ms: int) -> None:
        """The callee's words are known. Speech without words is no turn, but keeps its place."""
        self.began(item_id, Speaker.CALLEE, now_ms)
        turn = self._turns[item_id]
        if text and text != turn.text:
            self._record(replace(turn, text=text, generated=text))

    def agent_settled(self, item_id: str, *, text: str, generated: str, end_ms: int, is_interrupted: bool) -> None:
        """It is known what was heard of our item. An item of which nothing was heard is no turn."""
        turn = self._turns[item_id]
        if text:
            self._record(
                replace(turn, text=text, generated=generated, end_ms=end_ms, is_interrupted=is_interrupted)
            )  # fmt: skip

    def _record(self, turn: Turn) -> None:
        if self._turns.get(turn.item_id) != turn:
            self._turns[turn.item_id] = turn
            self._out.append(RecordTurn(turn))
