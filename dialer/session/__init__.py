"""The live part of an attempt: drives both cores between the carrier's leg and the voice model."""
