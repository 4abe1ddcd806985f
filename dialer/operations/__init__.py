"""Use cases: each function here is one thing that a person or the clock asks for, and it owns the transactions that it needs."""
