"""Translators between foreign formats and our events and commands: total, pure, one file per peer."""
