"""The pure engine: queues, retries, limits and the key-value store. Time comes in as an argument."""
