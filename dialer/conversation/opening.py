"""The fixed first words: are they what the model is saying?

The transcript of the model's own speech is compared with the rendered text, letters and digits only, so that a comma
or a capital is no difference. While the transcript is still growing it must be a beginning of the text.
"""

import unicodedata

TRIES = 2


def letters(text: str) -> str:
    """``text`` reduced to its letters and digits, case folded, in one Unicode form."""
    return "".join(char for char in unicodedata.normalize("NFKC", text).casefold() if char.isalnum())


class OpeningCheck:
    """One opening's words, as they come, against the text they must be."""

    def __init__(self, text: str) -> None:
        """``text``: the rendered opening."""
        self.text = text
        self._expected = letters(text)
        self._so_far = ""
        self._tries = 1
        self.is_verified = False

    @property
    def may_sound(self) -> bool:
        """What has come so far is right: all of it, or a beginning that is more than nothing."""
        return self.is_verified or (self._so_far != "" and self._expected.startswith(self._so_far))

    def grew(self, delta: str) -> None:
        """A piece of the transcript came."""
        self._so_far += letters(delta)

    def completed(self, text: str) -> bool:
        """The whole transcript came: is it the opening?"""
        self.is_verified = letters(text) == self._expected
        return self.is_verified

    def response_over(self) -> None:
        """The pieces that have come are all that will come."""
        self.is_verified = self.is_verified or (self._so_far != "" and self._so_far == self._expected)

    def forget(self) -> None:
        """What has come is worth nothing."""
        self._so_far, self.is_verified = "", False

    def may_retry(self) -> bool:
        """Start over once; False when that has been done."""
        self.forget()
        self._tries += 1
        return self._tries <= TRIES
