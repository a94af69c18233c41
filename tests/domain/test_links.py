"""Signed links: one purpose, one life, keys that can be rotated; nothing that is not ours is ever taken for ours."""

from __future__ import annotations

import ast
import inspect
import string
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.memory import NOON
from theranvio_telehealth.domain import links
from theranvio_telehealth.domain.links import (
	BadLink,
	ExpiredLink,
	ForgedLink,
	Link,
	fingerprint,
	sign,
	verify,
)

OLD, NEW, FOREIGN = b"o" * 32, b"n" * 32, b"f" * 32
LINK = Link("participant-1", 3, NOON + timedelta(hours=1))
TOKEN = sign(LINK, "invite", [NEW])
SECOND = timedelta(seconds=1)
URL_SAFE = set(string.ascii_letters + string.digits + "-_.")

subjects = st.text(max_size=40)
instants = st.integers(0, 4_000_000_000).map(lambda s: datetime.fromtimestamp(s, timezone.utc))
some_links = st.builds(Link, subjects, st.integers(0, 10**9), instants)


class TestRoundTrip:
	@given(some_links, st.text(max_size=20))
	def test_says_what_was_signed(self, link: Link, purpose: str) -> None:
		assert verify(sign(link, purpose, [NEW]), purpose, [NEW], link.expires_on - SECOND) == link

	@given(some_links)
	def test_is_safe_in_a_url(self, link: Link) -> None:
		assert set(sign(link, "invite", [NEW])) <= URL_SAFE

	def test_carries_256_bits_of_signature(self) -> None:
		signature = TOKEN.partition(".")[2]
		assert len(urlsafe_b64decode(signature + "=")) == 32


class TestExpiry:
	def test_holds_until_the_second_it_expires(self) -> None:
		assert verify(TOKEN, "invite", [NEW], LINK.expires_on - SECOND) == LINK
		for late in (timedelta(0), SECOND, timedelta(days=900)):
			with pytest.raises(ExpiredLink):
				verify(TOKEN, "invite", [NEW], LINK.expires_on + late)

	def test_an_expired_forgery_is_a_forgery(self) -> None:
		with pytest.raises(ForgedLink):
			verify(TOKEN, "invite", [FOREIGN], LINK.expires_on + SECOND)

	def test_expired_and_forged_are_told_apart_by_class_only(self) -> None:
		assert issubclass(ExpiredLink, BadLink)
		assert issubclass(ForgedLink, BadLink)
		assert not issubclass(ExpiredLink, ForgedLink)
		assert not issubclass(ForgedLink, ExpiredLink)


class TestPurpose:
	@pytest.mark.parametrize("other", ["", "Invite", "invite ", "session", "invite:invite"])
	def test_a_link_serves_no_other(self, other: str) -> None:
		with pytest.raises(ForgedLink):
			verify(TOKEN, other, [NEW], NOON)

	@given(st.text(max_size=20), st.text(max_size=20))
	def test_tokens_of_two_purposes_differ(self, one: str, other: str) -> None:
		assert (sign(LINK, one, [NEW]) == sign(LINK, other, [NEW])) == (one == other)


class TestRotation:
	def test_an_old_key_still_verifies(self) -> None:
		assert verify(sign(LINK, "invite", [OLD]), "invite", [NEW, OLD], NOON) == LINK

	def test_the_newest_key_signs(self) -> None:
		assert sign(LINK, "invite", [NEW, OLD]) == TOKEN
		with pytest.raises(ForgedLink):
			verify(sign(LINK, "invite", [NEW, OLD]), "invite", [OLD], NOON)

	def test_a_key_that_was_dropped_verifies_no_more(self) -> None:
		with pytest.raises(ForgedLink):
			verify(sign(LINK, "invite", [OLD]), "invite", [NEW], NOON)

	def test_without_keys_everything_is_forged(self) -> None:
		with pytest.raises(ForgedLink):
			verify(TOKEN, "invite", [], NOON)

	@pytest.mark.parametrize("length", [0, 1, 15])
	def test_a_key_too_short_to_sign_is_refused_outright(self, length: int) -> None:
		with pytest.raises(ValueError, match="16 bytes"):
			sign(LINK, "invite", [b"k" * length])
		with pytest.raises(ValueError, match="16 bytes"):
			verify(TOKEN, "invite", [NEW, b"k" * length], NOON)

	def test_sixteen_bytes_are_enough(self) -> None:
		assert verify(sign(LINK, "invite", [b"k" * 16]), "invite", [b"k" * 16], NOON) == LINK


def swapped(token: str) -> str:
	body, _, signature = token.partition(".")
	return f"{signature}.{body}"


def rewritten(token: str, change: Callable[[bytes], bytes]) -> str:
	"""The token with another body under the old signature."""
	body, _, signature = token.partition(".")
	raw = urlsafe_b64decode(body + "=" * (-len(body) % 4))
	return f"{urlsafe_b64encode(change(raw)).rstrip(b'=').decode()}.{signature}"


FORGERIES = {
	"empty": "",
	"a dot": ".",
	"dots": "...",
	"no signature": TOKEN.partition(".")[0],
	"an empty signature": TOKEN.partition(".")[0] + ".",
	"no body": "." + TOKEN.partition(".")[2],
	"half a signature": TOKEN[:-20],
	"swapped": swapped(TOKEN),
	"twice": TOKEN + "." + TOKEN,
	"a trailing dot": TOKEN + ".",
	"padded": TOKEN + "=",
	"a trailing newline": TOKEN + "\n",
	"a leading blank": " " + TOKEN,
	"another subject": rewritten(TOKEN, lambda raw: raw.replace(b"participant-1", b"participant-2")),
	"another version": rewritten(TOKEN, lambda raw: raw.replace(b",3,", b",4,")),
	"a longer life": rewritten(TOKEN, lambda raw: raw.replace(b",3,1", b",3,9")),
	"not base64": "!!!.???",
	"not ASCII": "pässword.ünd",
	"a lone surrogate": "\ud800." + TOKEN.partition(".")[2],
	"a lone surrogate for a signature": TOKEN.partition(".")[0] + ".\udfff",
	"a null byte": "\x00." + TOKEN.partition(".")[2],
	"the other alphabet": TOKEN.replace("-", "+").replace("_", "/") + "+/",
	"very long": "A" * 100_000 + "." + "B" * 43,
}


class TestForged:
	def test_every_forgery_differs_from_the_token(self) -> None:
		assert TOKEN not in FORGERIES.values()
		assert len(set(FORGERIES.values())) == len(FORGERIES)

	@pytest.mark.parametrize("forgery", FORGERIES)
	def test_is_known_for_what_it_is(self, forgery: str) -> None:
		with pytest.raises(ForgedLink):
			verify(FORGERIES[forgery], "invite", [NEW], NOON)

	@given(st.text(max_size=120))
	def test_no_text_is_a_link_by_chance_or_breaks_the_check(self, text: str) -> None:
		with pytest.raises(ForgedLink):
			verify(text, "invite", [NEW], NOON)

	@pytest.mark.parametrize("bit", range(len(TOKEN) * 8))
	def test_one_flipped_bit_is_enough(self, bit: int) -> None:
		raw = bytearray(TOKEN.encode())
		raw[bit // 8] ^= 1 << bit % 8
		with pytest.raises(ForgedLink):
			verify(raw.decode("latin-1"), "invite", [NEW], NOON)

	@given(some_links, st.integers(0, 10_000), st.sampled_from(sorted(URL_SAFE)))
	def test_one_other_character_is_enough(self, link: Link, place: int, character: str) -> None:
		token = sign(link, "invite", [NEW])
		at = place % len(token)
		changed = token[:at] + character + token[at + 1 :]
		if changed != token:
			with pytest.raises(ForgedLink):
				verify(changed, "invite", [NEW], link.expires_on - SECOND)

	def test_the_body_is_read_only_after_the_signature_holds(self) -> None:
		"""A body that no JSON reader takes is a forgery like any other, not an error."""
		body = urlsafe_b64encode(b"not json").rstrip(b"=").decode()
		with pytest.raises(ForgedLink):
			verify(f"{body}.{TOKEN.partition('.')[2]}", "invite", [NEW], NOON)


class TestFingerprint:
	def test_is_sha256_in_hex(self) -> None:
		assert fingerprint("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
		assert len(fingerprint(TOKEN)) == 64

	def test_says_nothing_of_the_token(self) -> None:
		assert TOKEN.partition(".")[2] not in fingerprint(TOKEN)
		assert fingerprint(TOKEN) != fingerprint(TOKEN + "x")


class TestConstantTime:
	"""How long a refusal takes must say nothing of how much was right: read in the source, as no clock is fine enough."""

	TREE = ast.parse(inspect.getsource(links))

	def function(self, name: str) -> ast.FunctionDef:
		return next(n for n in ast.walk(self.TREE) if isinstance(n, ast.FunctionDef) and n.name == name)

	def calls(self, name: str) -> list[str]:
		return [ast.unparse(n.func) for n in ast.walk(self.function(name)) if isinstance(n, ast.Call)]

	def test_signatures_are_compared_by_compare_digest_only(self) -> None:
		assert "hmac.compare_digest" in self.calls("verify")
		compared = [ast.unparse(n) for n in ast.walk(self.function("verify")) if isinstance(n, ast.Compare)]
		assert compared == ["now >= link.expires_on"]

	def test_every_key_is_tried_whichever_fits(self) -> None:
		"""`any` over a list that is already complete; over a generator it would stop at the first fit."""
		(tried,) = [
			n
			for n in ast.walk(self.function("verify"))
			if isinstance(n, ast.Call) and ast.unparse(n.func) == "any"
		]
		assert isinstance(tried.args[0], ast.ListComp)
		loops = [
			n for n in ast.walk(self.function("verify")) if isinstance(n, ast.For | ast.While | ast.Break)
		]
		assert loops == []
