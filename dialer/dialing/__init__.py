"""When, how fast, from which number, at what cost, and again?"""
