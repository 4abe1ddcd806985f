"""May we call? Zones, hours, caps, consent and the other gates, and the one decision that they make together."""
