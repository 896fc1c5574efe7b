"""Tables that commands print: events, deliveries, what the store holds."""
