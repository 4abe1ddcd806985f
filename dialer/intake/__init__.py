"""Campaign files in: bytes become contacts or named problems, ``campaign.toml`` and ``script.md`` become a checked
campaign.

Pure: everything here works on bytes and text that others have opened.
"""
