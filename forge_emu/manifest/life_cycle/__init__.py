"""What the manifest says of an app's life cycle, and the events that the app publishes itself."""
