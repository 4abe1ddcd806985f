"""Samples: G.711, framing, levels, tones, and the modem that carries words in simulated audio.

All audio is G.711 mu-law, 8 kHz, mono: a frame is 20 ms = 160 bytes, 8 bytes are 1 ms, silence is the byte 0xFF.
"""
