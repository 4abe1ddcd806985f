"""What the tests share: servers of their own, the checks as functions, builders, virtual time."""
