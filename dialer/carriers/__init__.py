"""Phone networks: one seam, one module per carrier."""
