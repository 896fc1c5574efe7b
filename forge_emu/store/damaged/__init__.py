"""Reads what can be read of a damaged state file, table by table."""
