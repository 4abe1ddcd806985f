"""One attempt as a machine: from the claim to exactly one disposition."""
