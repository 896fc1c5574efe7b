"""Deliveries: their kinds, their schedule, and what becomes of them."""
