"""Records → what is going on: counts, attempts of retried events, what descends from what."""
