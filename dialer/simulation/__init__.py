"""The stand-ins we ship: a strict Realtime server and a phone network with simulated callees."""
