"""What an app can call: a request in, the platform's answer out. Pure, and it never raises."""

from forge_emu.services.platform import Platform
from forge_emu.services.request_names import unanswered_calls
from forge_emu.services.services import Services, service_kind

__all__ = ["Platform", "Services", "service_kind", "unanswered_calls"]
