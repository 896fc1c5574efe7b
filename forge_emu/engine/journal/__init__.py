"""Records in the order in which they happen, without secrets."""
