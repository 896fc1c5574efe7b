"""One collector for each part of the summary; the memory of each is bounded."""
