"""What the last turns have changed, each as one row, until it goes into the tables."""
