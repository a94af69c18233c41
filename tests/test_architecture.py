"""The guards of the design: each finds nothing in the checkout, and finds a violation that is planted."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.architecture import endpoints, shape, vendors, wiring, wording
from tests.architecture.sources import PACKAGE, Tree, checkout, each, layer_of, python

#: Guards of one file, over every Python file of the package.
OF_A_FILE: list[Callable[[str, str], list[str]]] = [
	endpoints.unguarded,
	endpoints.without_methods,
	endpoints.future_annotations,
	wording.written_states,
	wording.written_meetings,
	shape.long_functions,
	vendors.named_adapters,
]
#: Guards of the whole checkout.
OF_THE_TREE: list[Callable[[Tree], list[str]]] = [
	wording.claims,
	wording.machine_paths,
	shape.long_files,
	shape.too_few_tests,
	wiring.dangling_paths,
	wiring.dangling_files,
	wiring.unlisted_patches,
	wiring.entity_mismatches,
	wiring.missing_from_card,
]
LAW = "HIP" + "AA"
GUARDED = "from theranvio_telehealth.api.guards import guarded\n@frappe.whitelist(methods=['GET'])\n@guarded(per_minute=1)\n"
LETS_IN = (
	"from theranvio_telehealth.api.guards import received\n"
	"@frappe.whitelist(allow_guest=True, methods=['POST'])\n@received(max_bytes=1)\ndef act(): ..."
)


@pytest.mark.parametrize("guard", OF_A_FILE, ids=lambda g: g.__name__)
def test_in_every_file(guard: Callable[[str, str], list[str]]) -> None:
	assert each(python(checkout()), guard) == []


@pytest.mark.parametrize("folder", [PACKAGE, "scripts", "tests", "tools"])
@pytest.mark.parametrize("ending", [".py", ".js", ".mjs"])
def test_vague_words_are_nowhere(folder: str, ending: str) -> None:
	texts = {p: t for p, t in checkout().items() if p.startswith(f"{folder}/") and p.endswith(ending)}
	assert texts or (folder, ending) in ((PACKAGE, ".mjs"), ("scripts", ".js"), ("tools", ".js"))
	assert each(texts, wording.vague_words) == []


def test_constants_outside_the_package_are_checked_for_vague_words() -> None:
	assert wording.vague_words("tests/x.py", "KEPT = 1")
	assert wording.vague_words(f"{PACKAGE}/x.py", "KEPT = 1") == []


@pytest.mark.parametrize("guard", OF_THE_TREE, ids=lambda g: g.__name__)
def test_in_the_checkout(guard: Callable[[Tree], list[str]]) -> None:
	assert guard(checkout()) == []


def test_functions_are_short_on_the_whole() -> None:
	assert shape.spread(python(checkout())) == []


def test_there_is_something_to_look_at() -> None:
	"""A guard over an empty tree would find nothing, too."""
	sources = python(checkout())
	assert {layer_of(path) for path in sources} >= {"domain", "providers", "services"}
	assert len(sources) > 30


def test_every_exemption_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
	exempt = set(wording.EXEMPT)
	monkeypatch.setattr(wording, "EXEMPT", {})
	found = each(python(checkout()), wording.written_states)
	assert {v.partition(":")[0].removeprefix(f"{PACKAGE}/") for v in found} == exempt


PLANTED: list[tuple[Callable[[str, str], list[str]], str, str]] = [
	(wording.written_meetings, "services/x.py", "x = replace(room, locked=True, meeting_id='')"),
	(wording.written_meetings, "services/x.py", "x = dataclasses.replace(join, heartbeat_spans=())"),
	(wording.written_meetings, "domain/rooms.py", "x = replace(person, revoked_attendees=())"),
	(wording.vague_words, "site/x.py", '"""Tells whoever asks."""'),
	(wording.vague_words, "site/x.py", "x = 1  # Nobody is told."),
	(wording.vague_words, "site/x.py", "def f(said): ..."),
	(wording.vague_words, "../tools/x.py", '"""Fine."""\nasync def f():\n\t"""Kept for the test."""'),
	(wording.vague_words, "../tests/services/test_x.py", "def test_nobody_enters(): ..."),
	(wording.vague_words, "public/js/x.js", "/** Whoever asks. */"),
	(wording.vague_words, "public/js/x.js", 'const x = "it\\"s"; // nobody'),
	(wording.vague_words, "public/js/x.js", "const heldSaid = `kept ${1}`;"),
	(wording.vague_words, "../tests/js/x.mjs", "/* Somebody\nelse. */"),
	(wording.vague_words, "../tests/js/x.mjs", 'test(\n\t"a person is told", () => {});'),
	(wording.vague_words, "../tests/js/x.mjs", "describe(`kept ${1}`, () => {});"),
	(endpoints.unguarded, "api/x.py", "@frappe.whitelist(methods=['POST'])\ndef act(): ..."),
	(
		endpoints.unguarded,
		"api/x.py",
		"@frappe.whitelist(methods=['GET'])\n@guarded(per_minute=1)\ndef act(): ...",
	),
	(
		endpoints.unguarded,
		"api/x.py",
		GUARDED.replace("@guarded(per_minute=1)\n", "@cached\n") + "def act(): ...",
	),
	(endpoints.unguarded, "api/x.py", GUARDED.replace("guards import", "other import") + "def act(): ..."),
	(endpoints.unguarded, "api/events.py", LETS_IN.replace("received", "guarded")),
	(endpoints.unguarded, "api/events.py", LETS_IN.replace("guards import", "other import")),
	(endpoints.unguarded, "api/events.py", LETS_IN.replace("allow_guest=True, ", "")),
	(endpoints.unguarded, "api/visit.py", LETS_IN),
	(
		endpoints.unguarded,
		"api/host.py",
		GUARDED.replace("methods", "allow_guest=True, methods") + "def act(): ...",
	),
	(
		endpoints.unguarded,
		"overrides/x.py",
		"@frappe.whitelist()\ndef act(name):\n\tdoc = load(name)\n\tdoc.save()",
	),
	(
		endpoints.unguarded,
		"overrides/x.py",
		"@frappe.whitelist()\ndef act(name):\n\ttry:\n\t\tsave(name)\n\texcept frappe.PermissionError:\n\t\tpass",
	),
	(
		endpoints.unguarded,
		"overrides/x.py",
		"@frappe.whitelist()\ndef act(name):\n\tsave(name)\n\tload(name)\n\t_require(name)",
	),
	(endpoints.unguarded, "site/x.py", "@frappe.whitelist()\ndef act(): ..."),
	(endpoints.without_methods, "api/x.py", "@frappe.whitelist()\ndef act(): ..."),
	(endpoints.without_methods, "api/x.py", "@frappe.whitelist\ndef act(): ..."),
	(endpoints.future_annotations, "api/x.py", "from __future__ import annotations"),
	(endpoints.future_annotations, "overrides/x.py", "from __future__ import annotations"),
	(
		endpoints.future_annotations,
		"telehealth/doctype/x/x.py",
		"from __future__ import annotations\n@frappe.whitelist()\ndef act(): ...",
	),
	(wording.written_states, "services/x.py", "room.status = 'Live'"),
	(wording.written_states, "services/x.py", "x = replace(room, status=RoomStatus.LIVE)"),
	(wording.written_states, "services/x.py", "x = replace(person, state=State.ADMITTED)"),
	(wording.written_states, "site/x.py", "doc.state = AgreementState.EXPIRED.value"),
	(wording.written_states, "site/x.py", "frappe.db.set_value('Appointment Room', n, 'status', 'Revoked')"),
	(
		wording.written_states,
		"site/x.py",
		"frappe.db.set_value('Room Participant', n, {'state': 'Admitted'})",
	),
	(wording.written_states, "overrides/x.py", "doc.db_set('status', words.RoomStatus.ENDED)"),
	(wording.written_states, "api/x.py", "row['status'] = 'Ended'"),
	(shape.long_functions, "domain/x.py", "def f() -> None:\n" + "\tx = 1\n" * 50),
	(shape.long_functions, "domain/x.py", "class C:\n\tdef f(self) -> None:\n" + "\t\tx = 1\n" * 50),
	(vendors.named_adapters, "services/x.py", "if account.adapter is Adapter.CHIME: ..."),
	(vendors.named_adapters, "site/x.py", "x = {enums.Adapter.FAKE.value: 1}"),
	(vendors.named_adapters, "telehealth/doctype/x/x.py", "if self.adapter == 'Peer-to-Peer': ..."),
	(vendors.named_adapters, "api/events.py", "if adapter == 'Amazon Chime SDK': ..."),
]


@pytest.mark.parametrize(
	("guard", "path", "text"), PLANTED, ids=lambda p: getattr(p, "__name__", None) or repr(p)[:50]
)
def test_a_violation_planted_in_a_file_is_found(
	guard: Callable[[str, str], list[str]], path: str, text: str
) -> None:
	assert guard(f"{PACKAGE}/{path}", text)


FINE: list[tuple[Callable[[str, str], list[str]], str, str]] = [
	(endpoints.unguarded, "api/x.py", GUARDED + "def act(): ..."),
	(wording.written_meetings, "services/x.py", "x = Meeting(meeting_id='m')"),
	(wording.vague_words, "site/x.py", 'NOBODY = _("Nobody new can be admitted.")'),
	(wording.vague_words, "../tests/js/x.mjs", 'assert.ok(pattern.test("kept"))'),
	(endpoints.unguarded, "api/events.py", LETS_IN),
	(
		endpoints.unguarded,
		"api/visit.py",
		GUARDED.replace("methods", "allow_guest=True, methods") + "def act(): ...",
	),
	(
		endpoints.unguarded,
		"overrides/x.py",
		"@frappe.whitelist()\ndef act(n: str) -> None:\n\td = get(n)\n\td.check_permission('write')",
	),
	(endpoints.unguarded, "api/x.py", "def helper(): ..."),
	(endpoints.future_annotations, "site/x.py", "from __future__ import annotations"),
	(wording.written_states, "domain/x.py", "x = replace(room, status=Status.LIVE)"),
	(
		wording.written_states,
		"site/x.py",
		"doc.state = agreement.state.value\nAnswer(status=400)\nx = {'status': room.status}",
	),
	(wording.written_states, "overrides/x.py", "event.status = 'Cancelled'\nx = room.status == 'Live'"),
	(shape.long_functions, "domain/x.py", "def f() -> None:\n" + "\tx = 1\n" * 49),
	(vendors.named_adapters, "providers/registry.py", "x = Adapter.CHIME"),
	(vendors.named_adapters, "services/x.py", "x = Adapter(account.adapter)\ny = kinds.Event.CHIME"),
	(vendors.named_adapters, "site/x.py", "class C:\n\tadapter: DF.Literal['', 'Fake']"),
]


@pytest.mark.parametrize(
	("guard", "path", "text"), FINE, ids=lambda p: getattr(p, "__name__", None) or repr(p)[:50]
)
def test_what_keeps_the_rule_is_left_alone(
	guard: Callable[[str, str], list[str]], path: str, text: str
) -> None:
	assert guard(f"{PACKAGE}/{path}", text) == []


def doctype(name: str, **stored: str) -> str:
	"""The JSON of a DocType whose fields have these types."""
	options = {"status": "Scheduled\nLive\nEnded\nExpired\nRevoked"}
	rows = [{"fieldname": f, "fieldtype": t, "options": options.get(f, "")} for f, t in stored.items()]
	return json.dumps({"doctype": "DocType", "name": name, "fields": rows})


def with_file(path: str, text: str = '"""x"""') -> Tree:
	return {**checkout(), path: text}


def without(prefix: str) -> Tree:
	return {path: text for path, text in checkout().items() if not path.startswith(prefix)}


def changed_doctype(name: str, change: Callable[[dict[str, Any]], Any]) -> Tree:
	"""The checkout with one DocType changed."""
	path = f"{PACKAGE}/telehealth/doctype/{name}/{name}.json"
	content = json.loads(checkout()[path])
	by_name = {field["fieldname"]: field for field in content["fields"]}
	change(by_name)
	return with_file(path, json.dumps(content | {"fields": list(by_name.values())}))


BROKEN: list[tuple[Callable[[Tree], list[str]], Callable[[], Tree]]] = [
	(wording.claims, lambda: with_file("README.md", f"Theranvio is {LAW} compliant.")),
	(wording.claims, lambda: with_file("docs/x.md", f"{LAW}-certified")),
	(wording.claims, lambda: with_file(f"{PACKAGE}/x.html", f"in compliance with {LAW}")),
	(wording.machine_paths, lambda: with_file("docs/x.md", "see /" + "work/main")),
	(wording.machine_paths, lambda: with_file("Makefile", "HOME=/" + "root/.cache")),
	(shape.long_files, lambda: with_file(f"{PACKAGE}/domain/x.py", "x = 1\n" * 401)),
	(shape.long_files, lambda: with_file(f"{PACKAGE}/public/js/x.js", "x();\n" * 401)),
	(shape.too_few_tests, lambda: without("tests/")),
	(shape.spread, lambda: {"a.py": "def f():\n" + "\tx = 1\n" * 8}),
	(shape.spread, lambda: {"a.py": "def f(): ...\n" * 10 + "def g():\n" + "\tx = 1\n" * 40}),
	(
		wiring.dangling_paths,
		lambda: with_file(f"{PACKAGE}/hooks.py", f"x = '{PACKAGE}.install.no_such_function'"),
	),
	(
		wiring.dangling_paths,
		lambda: with_file(f"{PACKAGE}/hooks.py", f"x = ['{PACKAGE}.no_such_module.follow']"),
	),
	(
		wiring.dangling_paths,
		lambda: with_file(f"{PACKAGE}/site/x.py", f"enqueue('{PACKAGE}.site.jobs.gone')"),
	),
	(wiring.dangling_files, lambda: with_file(f"{PACKAGE}/hooks.py", "x = {'a': 'public/desk/none.js'}")),
	(wiring.dangling_files, lambda: with_file(f"{PACKAGE}/hooks.py", f"x = '/assets/{PACKAGE}/none.svg'")),
	(wiring.unlisted_patches, lambda: with_file(f"{PACKAGE}/patches/v1_0/x.py", "def execute(): ...")),
	(
		wiring.unlisted_patches,
		lambda: with_file(f"{PACKAGE}/patches.txt", f"[pre_model_sync]\n{PACKAGE}.patches.gone"),
	),
	(wiring.missing_from_card, lambda: without("setup.py")),
	(wiring.missing_from_card, lambda: without(f"{PACKAGE}/fixtures/")),
	(wiring.missing_from_card, lambda: without("tests/")),
	(wiring.missing_from_card, lambda: with_file("hooks.py")),
	(
		wiring.entity_mismatches,
		lambda: with_file(f"{PACKAGE}/telehealth/doctype/x/x.json", doctype("Usage Entry")),
	),
	(wiring.entity_mismatches, lambda: changed_doctype("appointment_room", lambda fs: fs.pop("locked"))),
	(
		wiring.entity_mismatches,
		lambda: changed_doctype("room_meeting", lambda fs: fs.pop("meeting_token")),
	),
	(
		wiring.entity_mismatches,
		lambda: changed_doctype(
			"room_participant", lambda fs: fs.update(x={"fieldname": "x", "fieldtype": "Data"})
		),
	),
	(
		wiring.entity_mismatches,
		lambda: changed_doctype("appointment_room", lambda fs: fs["opens_on"].update(fieldtype="Date")),
	),
	(
		wiring.entity_mismatches,
		lambda: changed_doctype(
			"appointment_room", lambda fs: fs["status"].update(options="Scheduled\nLive")
		),
	),
	(wiring.entity_mismatches, lambda: changed_doctype("media_provider", lambda fs: fs.pop("account_id"))),
	(wiring.entity_mismatches, lambda: changed_doctype("baa_record", lambda fs: fs.pop("expires_on"))),
]


@pytest.mark.parametrize(("guard", "tree"), BROKEN, ids=lambda p: getattr(p, "__name__", ""))
def test_a_violation_planted_in_the_checkout_is_found(
	guard: Callable[[Tree], list[str]], tree: Callable[[], Tree]
) -> None:
	assert guard(tree())


@pytest.mark.parametrize(
	"guard", [g for g in OF_THE_TREE if g is not wiring.missing_from_card], ids=lambda g: g.__name__
)
def test_what_is_not_there_yet_is_no_violation(guard: Callable[[Tree], list[str]]) -> None:
	"""Until it appears; then it is."""
	assert guard({f"{PACKAGE}/__init__.py": ""}) == []


def test_a_patch_that_is_listed_and_runs_is_fine() -> None:
	tree = {
		f"{PACKAGE}/patches/v1_0/x.py": "def execute() -> None: ...",
		f"{PACKAGE}/patches.txt": f"[pre_model_sync]\n# why\n{PACKAGE}.patches.v1_0.x  # 2027\n",
	}
	assert wiring.unlisted_patches(tree) == []
	tree[f"{PACKAGE}/patches/v1_0/x.py"] = "x = 1"
	assert wiring.unlisted_patches(tree) == [f"{PACKAGE}.patches.v1_0.x has no execute()"]
