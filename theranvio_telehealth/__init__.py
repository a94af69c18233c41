"""Secure video appointments for clinics on ERPNext Healthcare. What a visit is and may be is decided in `domain`."""

__version__ = "0.1.0"
