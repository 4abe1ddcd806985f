"""Results of a conversation: answers with evidence, the outcome, the scored lead. Pure: transcript in, values out."""
