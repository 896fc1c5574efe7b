"""Answers what an app asks of products, from the site."""
