"""A loopback Twilio: REST, signed callbacks, TwiML and Media Streams, with the simulated phones behind it.

It is as strict as the real one and stricter: what the published API does not have is refused by name. It stands in tests, in
other people's continuous integration (``dialer simulate twilio``), and shares nothing with our own side but the signature.
"""
