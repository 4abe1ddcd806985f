"""Outbound phone campaigns with an AI voice: a campaign file in, calls, transcripts and lead reports out."""

__version__ = "0.1.0"
