"""That `bench build` makes what Frappe's own esbuild cannot, and that a site serves it."""

from __future__ import annotations

import requests


def test_the_bundle_for_amazon_chime_is_served(base_url: str) -> None:
	answer = requests.get(f"{base_url}/assets/theranvio_telehealth/built/chime.js", timeout=30)
	assert answer.status_code == 200
	assert "javascript" in answer.headers["Content-Type"]
	assert '"Amazon Chime SDK"' in answer.text
