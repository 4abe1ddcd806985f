"""What the stand-in model says and does: decided from instructions, tools and what was heard, always the same way."""
