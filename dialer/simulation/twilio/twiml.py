"""TwiML as the stand-in understands it: the verbs of an outbound agent, and nothing that is not one of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

MAX_TWIML = 4000
_LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})


class BadTwiml(ValueError):
    """What Twilio would not carry out."""


@dataclass(frozen=True, slots=True)
class Stream:
    """``<Connect><Stream>``."""

    url: str
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Speak:
    """``<Say>``."""

    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Connect:
    """``<Dial>`` to a number."""

    number: str
    caller_id: str


@dataclass(frozen=True, slots=True)
class Join:
    """``<Dial><Conference>``."""

    name: str
    ends_with_me: bool


@dataclass(frozen=True, slots=True)
class AskKey:
    """``<Gather>``, with what is said meanwhile."""

    action: str
    said: tuple[Speak, ...]


@dataclass(frozen=True, slots=True)
class End:
    """``<Hangup>``."""


Verb = Stream | Speak | Connect | Join | AskKey | End


def parse(text: str) -> list[Verb]:
    """The verbs in order. Raises ``BadTwiml``."""
    if len(text) > MAX_TWIML:
        raise BadTwiml(f"longer than {MAX_TWIML} characters")
    try:
        root = fromstring(text.encode())
    except (ParseError, DefusedXmlException) as error:
        raise BadTwiml(f"not XML: {error}") from error
    if root.tag != "Response":
        raise BadTwiml("the root is not <Response>")
    return [_verb(element) for element in root]


def _verb(element: Element) -> Verb:
    match element.tag:
        case "Connect":
            [stream] = element
            return _stream(stream)
        case "Say":
            return Speak(element.text or "", element.get("language", "en-US"))
        case "Dial":
            return _dial(element)
        case "Gather":
            said = tuple(verb for verb in map(_verb, element) if isinstance(verb, Speak))
            return AskKey(_address(element.get("action", "")), said)
        case "Hangup":
            return End()
    raise BadTwiml(f"unknown verb <{element.tag}>")


def _stream(element: Element) -> Stream:
    if element.tag != "Stream":
        raise BadTwiml("<Connect> without <Stream>")
    url = element.get("url", "")
    parts = urlsplit(url)
    if parts.query:
        raise BadTwiml("the stream's address has a query")
    if parts.scheme != "wss" and not (parts.scheme == "ws" and parts.hostname in _LOCAL_HOSTS):
        raise BadTwiml("the stream's address is not wss")
    return Stream(url, {item.get("name", ""): item.get("value", "") for item in element})


def _dial(element: Element) -> Verb:
    if len(element):
        [conference] = element
        return Join(conference.text or "", conference.get("endConferenceOnExit") == "true")
    number = (element.text or "").strip()
    if not number.startswith("+"):
        raise BadTwiml("<Dial> without a number")
    return Connect(number, element.get("callerId", ""))


def _address(url: str) -> str:
    if urlsplit(url).scheme not in ("http", "https"):
        raise BadTwiml("an action is no address")
    return url
