"""Many titles in one go, unattended: each by a preset, none stopped by another, every run written down."""

from shoal.night.run import Night, TitleResult, night_run

__all__ = ["Night", "TitleResult", "night_run"]
