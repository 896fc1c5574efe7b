"""Throughput on this machine: read the figures as ratios, and only within one run."""
