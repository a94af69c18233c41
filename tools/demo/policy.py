"""The Content-Security-Policy of the demo's pages. Who sees which, `pages.py` says."""

from __future__ import annotations

from collections.abc import Sequence

_POLICY = (
	"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
	"media-src 'self' blob:; connect-src {reached}; form-action 'self'; base-uri 'none'; "
	"frame-ancestors 'none'"
)


def policy(origins: Sequence[str] = ()) -> str:
	"""Only this host's own files; and for media at `origins` those too, and workers of the page's own making."""
	closed = _POLICY.format(reached=" ".join(("'self'", *origins)))
	return f"{closed}; worker-src blob:" if origins else closed
