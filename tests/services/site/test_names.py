"""Which products the site answers for, without their routes."""

from __future__ import annotations

from forge_emu.services.site.names import PRODUCTS
from forge_emu.services.site.products import PRODUCT_ROUTES


def test_every_product_has_routes() -> None:
    """And none has routes that is not named."""
    assert set(PRODUCT_ROUTES) == PRODUCTS
