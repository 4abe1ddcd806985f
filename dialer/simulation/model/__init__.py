"""A stand-in for the OpenAI Realtime service (GA): a WebSocket server that is as strict as the service and acts only on
what the protocol gives it. The words are in the audio (``dialer.audio.modem``), in both directions.

``server.serve_model`` starts it. Below that everything is a machine without I/O: ``session`` takes client messages and
the time, gives server events, and says when it wants to be woken; ``brain`` decides what the model says. It shares no
code with our own client codec, so that each proves the other.
"""
