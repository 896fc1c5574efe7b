"""The products that the site answers for."""

from __future__ import annotations

from typing import Final

PRODUCTS: Final = frozenset({"jira", "confluence"})
"""By the names that the packages have for them; `products.py` has their routes."""
