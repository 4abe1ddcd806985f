"""The command line: one file per group of commands. It prints and says exit codes; it decides nothing."""

from dialer.cli.application import app, main

__all__ = ["app", "main"]
