"""What can be set, what refuses and what can be made to fail: each declared once, by name.

A setting is a constant of `catalogue`; its value comes from the preset (`current`, `legacy`,
`off`), then `forge-emu.yml`, then `--set`. Faults and the rules that are no settings are constants
of `faults` and `refusals`.
"""

from forge_emu.settings.catalogue import *  # noqa: F403
from forge_emu.settings.lookup import all_settings as all_settings
from forge_emu.settings.lookup import find_rate as find_rate
from forge_emu.settings.lookup import find_setting as find_setting
from forge_emu.settings.lookup import longest_window as longest_window
from forge_emu.settings.lookup import rates as rates
from forge_emu.settings.parse import near_settings as near_settings
from forge_emu.settings.parse import parse_setting as parse_setting
from forge_emu.settings.rate import Rate as Rate
from forge_emu.settings.rate import Resource as Resource
from forge_emu.settings.rate import Scope as Scope
from forge_emu.settings.setting import EMULATOR_CHOICE as EMULATOR_CHOICE
from forge_emu.settings.setting import PRESETS as PRESETS
from forge_emu.settings.setting import Preset as Preset
from forge_emu.settings.setting import RateSetting as RateSetting
from forge_emu.settings.setting import Setting as Setting
from forge_emu.settings.setting import SettingValue as SettingValue
from forge_emu.settings.values import VIRTUAL_EPOCH_MS as VIRTUAL_EPOCH_MS
from forge_emu.settings.values import Settings as Settings
