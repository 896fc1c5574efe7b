"""JSON that a user wrote: payloads of events, and texts with the place of what is wrong."""
