"""What is in events: collected on the way to the runtime and back, found by name, sent again."""
