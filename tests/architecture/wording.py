"""Guards of words: states are written by the domain only, names are concrete, and no text claims a certification."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator

from tests.architecture.sources import PACKAGE, Tree, at, inside, layer_of, parsed
from theranvio_telehealth.domain.enums import AgreementState, ParticipantState, RoomStatus

ENUMS = (RoomStatus, ParticipantState, AgreementState)
OUR_WORDS = {word.value for enum in ENUMS for word in enum}
ENUM_NAMES = {enum.__name__ for enum in ENUMS} | {"State", "Status"}
STATE_FIELDS = {"status", "state"}

#: Who writes such a word and may. Add a line only with a reason that survives reading.
EXEMPT = {
	"telehealth/doctype/baa_record/baa_record.py": "asks the domain for the edge right after",
}


def written_states(path: str, text: str) -> list[str]:
	"""A status or state set to a word of ours, outside `domain`."""
	if layer_of(path) == "domain" or inside(path) in EXEMPT:
		return []
	return [at(path, line, f"writes {what}") for line, what in _writes(parsed(text))]


def _writes(tree: ast.Module) -> Iterator[tuple[int, str]]:
	for node in ast.walk(tree):
		for name, value in _pairs(node):
			if name in STATE_FIELDS and _is_word(value):
				yield value.lineno, f"{name} = {ast.unparse(value)}"


def _pairs(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
	if isinstance(node, ast.Assign):
		yield from ((_name(target), node.value) for target in node.targets)
	elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value:
		yield _name(node.target), node.value
	elif isinstance(node, ast.Call):
		yield from ((k.arg or "", k.value) for k in node.keywords)
		yield from zip([_constant(a) for a in node.args], node.args[1:], strict=False)
	elif isinstance(node, ast.Dict):
		yield from ((_constant(k), v) for k, v in zip(node.keys, node.values, strict=True) if k)


def _name(target: ast.expr) -> str:
	if isinstance(target, ast.Attribute):
		return target.attr
	return _constant(target.slice) if isinstance(target, ast.Subscript) else ""


def _constant(node: ast.expr) -> str:
	return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _is_word(value: ast.expr) -> bool:
	if _constant(value) in OUR_WORDS:
		return True
	chain = ast.unparse(value).removesuffix(".value").split(".")
	return len(chain) >= 2 and chain[-2] in ENUM_NAMES


#: A room's meeting and its credentials change in `domain/meetings.py` only.
MEETING_FIELDS = {
	"meeting_id",
	"meeting_token",
	"meeting_details",
	"former_meetings",
	"revoked_attendees",
	"heartbeat_spans",
	"credentials_revoked_on",
}


def written_meetings(path: str, text: str) -> list[str]:
	"""`replace(…)` with one of these fields, outside their module."""
	if inside(path) == "domain/meetings.py":
		return []
	return [
		at(path, node.lineno, f"changes {keyword.arg}")
		for node in ast.walk(parsed(text))
		if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("replace")
		for keyword in node.keywords
		if keyword.arg in MEETING_FIELDS
	]


#: Vague words, in docstrings, comments and names: say which person, role or value it is. Messages to users may use them.
VAGUE = {"kept", "nobody", "said", "somebody", "told", "whoever"}


def vague_words(path: str, text: str) -> list[str]:
	prose = _prose(path, text) if path.endswith(".py") else _script_prose(path, text)
	return [
		at(path, line, f"says «{word}»")
		for line, words in prose
		for word in re.findall(r"[a-z]+", words.lower())
		if word in VAGUE
	]


DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def _prose(path: str, text: str) -> Iterator[tuple[int, str]]:
	"""Comments, docstrings and names, each with its line; without the package's constants, which are messages."""
	shipped = path.startswith(f"{PACKAGE}/")
	for token in tokenize.generate_tokens(io.StringIO(text).readline):
		if token.type in (tokenize.COMMENT, tokenize.NAME) and not (shipped and token.string.isupper()):
			yield token.start[0], token.string
	for node in ast.walk(parsed(text)):
		if isinstance(node, DOCUMENTED) and (doc := ast.get_docstring(node)):
			yield getattr(node, "lineno", 1), doc


#: A comment, a string or a name of JavaScript.
SCRIPT = re.compile(
	r"""/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`|[A-Za-z_$][\w$]*""", re.S
)


#: The title of a JavaScript test or group of tests.
TITLE = re.compile(r"""(?<![.\w])(?:test|describe|visiting)\(\s*(["`])(.*?)\1""", re.S)


def _script_prose(path: str, text: str) -> Iterator[tuple[int, str]]:
	"""Comments, titles of tests and, in what is shipped, names: each with its line."""
	for match in TITLE.finditer(text):
		yield text.count("\n", 0, match.start()) + 1, match[2]
	for match in SCRIPT.finditer(text):
		token = match.group()
		is_name = token[0] not in "/\"'`"
		if token[0] == "/" or (is_name and path.startswith(PACKAGE)):
			yield text.count("\n", 0, match.start()) + 1, re.sub("([A-Z])", r" \1", token)


#: Claims that may stand nowhere: not in the app, not in its documents, not in a test. Spaces stand for any gap.
_LAW = "HIP" + "AA"
CLAIMS = [
	re.compile(rf"{_LAW}[\s-]*(compliant|certified|approved|secure\b|ready)", re.I),
	re.compile(rf"(compliant|complies|compliance)\s+with\s+{_LAW}", re.I),
	re.compile(r"(HHS|OCR)[\s-]*(approved|certified|endorsed)", re.I),
]
#: Folders of the machine this was written on.
_HERE = re.compile(r"(?<![\w*])/(work|root|workspace)/")


def claims(tree: Tree) -> list[str]:
	return _found(tree, CLAIMS, "claims")


def machine_paths(tree: Tree) -> list[str]:
	return _found(tree, [_HERE], "names a folder of one machine:")


def _found(tree: Tree, patterns: list[re.Pattern[str]], what: str) -> list[str]:
	return [
		at(path, number, f"{what} «{match.group()}»")
		for path, text in tree.items()
		for number, line in enumerate(text.splitlines(), 1)
		for pattern in patterns
		if (match := pattern.search(line))
	]
