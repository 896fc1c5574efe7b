"""Kills, crashes, reloads and a bad disk, by a seeded schedule; afterwards nothing is missing."""
