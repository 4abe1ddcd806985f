"""TwiML: what Twilio is to do with a call, as XML (twilio.com/docs/voice/twiml). Text is escaped; what XML cannot hold is left
out.

``<Connect><Stream>`` opens the call's audio to us and goes on to the next verb only when we close it: nothing follows, so that
the end of the stream is the end of the call, even when the process at our end has died.
"""

import re
from collections.abc import Mapping
from xml.sax.saxutils import escape, quoteattr

MAX_TWIML = 4000
"""Characters that Calls create takes inline (its OpenAPI description)."""
ACCEPT_KEY = "1"
"""What the desk presses to take a call."""
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MAX_SUMMARY = 600
_HOLD_S = 15


def connect_stream(url: str, parameters: Mapping[str, str]) -> str:
    """Open the audio both ways to ``url`` (a ``wss`` address without a query); the parameters come back in its first message."""
    inner = "".join(f"<Parameter name={_quoted(name)} value={_quoted(value)}/>" for name, value in parameters.items())
    return _response(f"<Connect><Stream url={_quoted(url)}>{inner}</Stream></Connect>")


def dial(number: str, caller_id: str, *, announce: str = "", language: str = "en-US", ring_s: int = 30) -> str:
    """Say something, then connect the call to ``number``; the call ends with that conversation."""
    said = _say(announce, language)
    return _response(f'{said}<Dial callerId={_quoted(caller_id)} timeout="{ring_s}">{_text(number)}</Dial>')


def offer(summary: str, question: str, action_url: str, language: str = "en-US") -> str:
    """Read the summary to a desk, twice if need be, and ask for the key that takes the call; without it the desk is let go."""
    asked = f"{_say(summary[:_MAX_SUMMARY], language)}{_say(question, language)}"
    gather = f'<Gather numDigits="1" timeout="{_HOLD_S}" method="POST" action={_quoted(action_url)}>{asked}</Gather>'
    return _response(f"{gather}<Hangup/>")


def conference(name: str, *, ends_with_me: bool) -> str:
    """Join a conference of that name; silence while it has not begun. ``ends_with_me``: who is left is let go as well."""
    ends = "true" if ends_with_me else "false"
    flags = f'beep="false" startConferenceOnEnter="true" endConferenceOnExit="{ends}" waitUrl=""'
    return _response(f"<Dial><Conference {flags}>{_text(name)}</Conference></Dial>")


def hang_up() -> str:
    """End the call."""
    return _response("<Hangup/>")


def _say(text: str, language: str) -> str:
    return f"<Say language={_quoted(language)}>{_text(text)}</Say>" if text else ""


def _response(inner: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?><Response>{inner}</Response>'


def _text(text: str) -> str:
    return escape(_NOT_XML.sub("", text))


def _quoted(text: str) -> str:
    return quoteattr(_NOT_XML.sub("", text))
