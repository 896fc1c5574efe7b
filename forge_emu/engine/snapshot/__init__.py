"""The state of an engine as data: what a store keeps, and how an engine is built from it."""
