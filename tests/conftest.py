"""How hypothesis searches: quickly by default; `HYPOTHESIS_PROFILE=deep` searches long. No fixtures live here."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

_PATIENT = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("quick", max_examples=100, **_PATIENT)
settings.register_profile("deep", max_examples=3000, **_PATIENT)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))
