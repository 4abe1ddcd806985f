"""A phone number in E.164 form, and the form of it that may be shown in logs."""

from typing import NewType

PhoneNumber = NewType("PhoneNumber", str)
"""E.164: ``+`` and 7 to 15 digits (ITU-T E.164). Only ``intake.numbers`` makes one from foreign text."""


def mask(phone: str) -> str:
    """Return the number with its middle hidden (``+1212•••0123``): enough to recognise, not enough to dial."""
    if len(phone) <= 8:
        return "•" * len(phone)
    return f"{phone[:5]}•••{phone[-4:]}"
