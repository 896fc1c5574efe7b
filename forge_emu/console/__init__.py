"""Terminal output: lines of records, the live console, the summary."""
