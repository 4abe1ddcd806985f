"""A phone network of simulated people. Words travel in the audio only: nobody here knows what the campaign is.

::

    network.py        the carrier: place, find, end; ringing, answering, ending
    faults.py         what goes wrong with what the network tells
    leg.py            the audio of one call, paced by one ticker for all calls
    journal.py        the network's memory of every ring, on disk
    callee.py         a person on the phone: when to speak, to wait, to hang up
    machines.py       an answering machine and a call screener
    mind.py           what a person says to what was heard
    understanding.py  what an utterance asks for
    personas.py       who answers how often, and their phrases in English and Chinese
"""
