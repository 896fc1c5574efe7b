"""The key-value store: values, queries, batches, transactions, and its limits."""
