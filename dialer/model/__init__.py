"""The nouns of dialer, as plain values. Everything else speaks in these words.

======================  ==================================================================================================
word                    meaning
======================  ==================================================================================================
campaign                a script, settings, calling hours and a contact list, run as one; kind = reminder, promotion, sales
contact                 one person to be called: number, consent, variables
call                    the intent to reach one contact for one campaign; has a due time and one or more attempts
attempt                 one dial of one number; exactly one disposition
leg                     one audio connection with the carrier
session                 the live part of an answered attempt: leg + voice model + transcript
turn, floor, barge-in   one uninterrupted stretch of one speaker; who may speak now; the callee speaks over us and we yield
playout, heard          our audio as really played; heard = confirmed by carrier marks
disposition             closed enum of how an attempt ended (telephony layer)
outcome                 what was said, declared per script (business layer); always may be ``cannot_tell``
hangup cause            the carrier's reason as sent, kept verbatim
lead                    a contact with a scored result worth acting on: an output
suppression, consent    numbers never to be called (DNC); proof that we may call, with class, source and time
AMD, answered_by        answering machine detection; human, voicemail, screening, ivr, fax, unknown
CPS, pacing, caller ID  call starts per second per carrier account; limits applied at dispatch; our number shown
abandoned               answered, but nothing from us within 2 s
claim, lease, fence,    take a due call; hold it until a time; a counter that makes a stale holder's writes fail; give an
rescue                  expired one back
script, opening,        the campaign's text and answers to collect; the fixed first words; what the model is told
instructions
======================  ==================================================================================================

Ids are ``NewType``; times are ``..._at`` (aware UTC), durations ``..._s`` or ``..._ms``; booleans read as claims.
"""
