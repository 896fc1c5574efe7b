"""The OpenAPI document of the control API."""
