"""Scheduled triggers in the control API."""
