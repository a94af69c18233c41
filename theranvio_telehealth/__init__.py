"""Secure video appointments for clinics on ERPNext Healthcare. What a visit is and may be is decided in `domain`."""

__version__ = "0.1.0"

#: The Frappe module of our DocTypes and reports, as in modules.txt.
MODULE = "Telehealth"
