"""Settings and the use of limited resources, as the control API answers them."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from forge_emu import settings as s
from forge_emu.model import Json, LimitUsage


def limits_as_json(settings: s.Settings, usage: Sequence[LimitUsage]) -> Json:
    """Every setting with its value, unit and source, and the use of the limited resources."""
    return {
        "preset": settings.preset,
        "settings": [
            {
                "name": setting.name,
                "value": settings[setting.name],
                "unit": setting.unit,
                "doc": setting.doc,
                "source": setting.source,
                "date": setting.date,
                "overridden": setting.name in settings.overrides,
            }
            for setting in s.all_settings()
        ],
        "usage": msgspec.to_builtins(usage),
    }
