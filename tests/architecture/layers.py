"""The import table of docs/architecture.md: each folder may import only what stands above it."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.architecture.sources import PACKAGE, at, inside, parsed

RULES = {"domain", "providers", "services"}
HOST = {"frappe"}


@dataclass(frozen=True)
class Layer:
	"""`ours`: folders and modules of the package; `others`: distributions. The standard library is everybody's."""

	ours: set[str] = field(default_factory=set)
	others: set[str] = field(default_factory=set)


LAYERS = {
	"domain": Layer({"domain"}, {"cryptography", "pyotp"}),
	"providers": Layer({"providers", "domain"}, {"cryptography"}),
	"services": Layer({"services", "providers", "domain"}, {"babel"}),
	"site": Layer({"site", "compat", *RULES}, HOST),
	"embedded": Layer({"embedded", *RULES}, {"babel", "jinja2", "werkzeug"}),
	"api": Layer({"api", "site", "compat", *RULES}, HOST | {"pydantic", "redis", "werkzeug"}),
	"overrides": Layer({"overrides", "site", "compat", "custom_fields", *RULES}, HOST | {"healthcare"}),
	"telehealth": Layer({"telehealth", "site", "compat", "domain", "services"}, HOST | {"pypdf"}),
	"www": Layer({"site", "compat", *RULES}, HOST),
	"patches": Layer({"patches", "site", "compat", "custom_fields", "install", *RULES}, HOST),
	"hooks": Layer(),
	"compat": Layer(set(), HOST | {"erpnext", "healthcare"}),
	"custom_fields": Layer({"domain"}),
	"permissions": Layer({"compat", "site", *RULES}, HOST),
	"install": Layer({"custom_fields", "site", "compat", *RULES}, HOST | {"click"}),
	"__init__": Layer(),
}
#: What reaches beyond this machine: to ask Amazon, for Amazon's certificates, and to ask relays. Each has one file that may.
OUTWARD = {
	"aioice": "providers/relay_check.py",
	"boto3": "providers/chime/provider.py",
	"botocore": "providers/chime/provider.py",
	"certifi": "providers/chime/certificates.py",
	"requests": "providers/chime/certificates.py",
}

#: What a rule must not have within reach: files, sockets, processes, chance, time.
NOT_FOR_RULES = {
	"io",
	"logging",
	"os",
	"pathlib",
	"random",
	"socket",
	"sqlite3",
	"subprocess",
	"tempfile",
	"time",
}
CLOCKS = {"now", "today", "utcnow"}
DOORS = {"open", "print", "input", "exec", "eval", "__import__"}


def imported(text: str) -> Iterator[tuple[int, str]]:
	"""Every dotted name that is imported anywhere in the file; a leading dot marks a relative import."""
	for node in ast.walk(parsed(text)):
		if isinstance(node, ast.Import):
			yield from ((node.lineno, alias.name) for alias in node.names)
		elif isinstance(node, ast.ImportFrom):
			module = "." * node.level + (node.module or "")
			yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)


def layer_of(path: str) -> str:
	return inside(path).partition("/")[0].removesuffix(".py")


def wrong_imports(path: str, text: str) -> list[str]:
	layer = LAYERS.get(layer_of(path))
	if layer is None:
		return [at(path, 1, "stands in no layer: say in the import table what it may import")]
	return [at(path, line, f"imports {name}") for line, name in imported(text) if not _may(layer, path, name)]


def _may(layer: Layer, path: str, name: str) -> bool:
	first, _, rest = name.partition(".")
	if first in OUTWARD:
		return inside(path) == OUTWARD[first]
	if first == PACKAGE:
		return rest.partition(".")[0] in layer.ours or rest == "__version__"
	return first in sys.stdlib_module_names or first in layer.others


def impurities(path: str, text: str) -> list[str]:
	"""Input, output, clock or chance in `domain`."""
	if layer_of(path) != "domain":
		return []
	reach = [(line, name) for line, name in imported(text) if name.partition(".")[0] in NOT_FOR_RULES]
	calls = [(n.lineno, ast.unparse(n.func)) for n in ast.walk(parsed(text)) if isinstance(n, ast.Call)]
	asks = [(line, call) for line, call in calls if call in DOORS or call.rpartition(".")[2] in CLOCKS]
	return [at(path, line, f"a rule reaches for {what}") for line, what in reach + asks]
