"""The two far ends of a bridged call, cheap enough to be two hundred at once, and what is measured against them."""
