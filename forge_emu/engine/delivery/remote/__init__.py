"""What is different where a remote handles a delivery."""
