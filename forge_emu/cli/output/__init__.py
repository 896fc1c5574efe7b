"""What every command prints through: the streams, and how errors are written."""
