"""What both sides use."""
