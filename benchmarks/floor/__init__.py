"""The least that the same handlers cost: no limits, no records, no state, no isolation."""
