"""Language codes of sites as the tags that browsers accept."""

import pytest

from theranvio_telehealth.domain.language import tag_of


@pytest.mark.parametrize(
	("code", "tag"),
	[
		("en", "en"),
		("pt_BR", "pt-BR"),
		("pt-BR", "pt-BR"),
		("zh_Hant_TW", "zh-Hant-TW"),
		("sr_RS@latin", "en"),
		("", "en"),
		('"><script>', "en"),
		("x" * 100, "en"),
	],
)
def test_a_browser_knows_the_language(code: str, tag: str) -> None:
	assert tag_of(code) == tag
