"""Voice models: one seam, one module per provider."""
