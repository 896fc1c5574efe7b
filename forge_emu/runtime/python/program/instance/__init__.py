"""One process that runs one instance of the app."""
