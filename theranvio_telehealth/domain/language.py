"""Names of languages, as browsers know them."""

from __future__ import annotations

import re

ENGLISH = "en"
_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,5}")


def tag_of(code: str) -> str:
	"""A BCP 47 tag for a site's language code: `pt_BR` is `pt-BR`. English for what is none."""
	tag = code.strip().replace("_", "-")
	return tag if _TAG.fullmatch(tag) else ENGLISH
