"""What a run in memory begins with."""
