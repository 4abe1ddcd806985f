"""The talk itself: floor and barge-in, playout ledger, opening and instructions, tools, guards."""
