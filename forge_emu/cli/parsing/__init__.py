"""What a command line means: which app, and what a word that does not fit was meant to be."""
