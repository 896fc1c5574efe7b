"""The pure engine: queues, retries, limits and the key-value store. Time comes as an argument.

Nothing is imported here: commands that read only a part of it stay quick.
"""
