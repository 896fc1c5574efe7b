"""What a run says of itself: its limits, and the modules of its app."""
