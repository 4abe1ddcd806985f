"""Aggregate what a campaign came to and render it: HTML, CSV, JSON. Pure: data in, text out."""
