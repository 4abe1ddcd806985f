"""A stand-in for Asterisk: its REST interface, its events and its media sockets, with simulated callees behind the trunk.

::

    server.py        HTTP and WebSockets around the exchange
    rest.py          the requests: what is done, and what is refused
    exchange.py      channels and bridges, events, the clock of the audio
    trunk.py         what the far side of a dial does: rings, answers, refuses, is silent
    media.py         the queue and the commands of one media socket
    sockets.py       media sockets, both ways round
    messages.py      events and answers as Asterisk writes them
    faults.py        what goes wrong with what it tells
    descriptions.py  requests and events checked against Asterisk's own API descriptions, where they are at hand

It is written from Asterisk's sources and from measurements (22.10.1), not from our carrier, and it is strict: a request with a
parameter that Asterisk does not know is refused and remembered in ``violations``.
"""
