"""Sampled shares of processor time in both processes of a command."""
