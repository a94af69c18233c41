"""A site in Spanish: the platform compiles the catalogue, and shows its words; it extracts the messages that we do."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import frappe
import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from frappe.gettext import translate

from theranvio_telehealth.services.catalogue import key_of
from theranvio_telehealth.services.usage import REACHED
from theranvio_telehealth.site.log import SiteLog
from tools.harness.site.overlay import APP
from tools.harness.site.people import CLIENT, HOST, OFFICE


@pytest.fixture
def in_spanish(site: Any) -> Iterator[None]:
	for user in (CLIENT, HOST):
		frappe.db.set_value("User", user, "language", "es")
		frappe.clear_document_cache("User", user)
	frappe.db.commit()  # the web process reads it
	yield
	frappe.local.lang = "en"


def boot_of(page: Any) -> dict[str, Any]:
	return json.loads(
		re.search(r'<script type="application/json" id="boot">(.*?)</script>', page.text, re.S)[1]
	)


def test_the_visit_page_is_given_its_own_words_in_spanish(http: Any, in_spanish: None) -> None:
	page = http(CLIENT).page("/visit/" + "0" * 32)
	boot = boot_of(page)
	assert boot["lang"] == "es"
	assert boot["messages"][key_of("Enter the waiting room")] == "Entrar en la sala de espera"
	assert not {key_of(text) for text in ("BAA Record", "Patient", "Telehealth Settings")} & set(
		boot["messages"]
	)
	assert "<title>Videoconsulta</title>" in page.text
	assert "Esta página necesita JavaScript" in page.text


def test_in_english_the_page_is_given_no_words(http: Any) -> None:
	page = http(CLIENT).page("/visit/" + "0" * 32)
	assert boot_of(page)["messages"] == {}
	assert "<title>Video visit</title>" in page.text


def test_a_dialect_falls_back_to_its_language(http: Any, site: Any) -> None:
	frappe.db.set_value("User", CLIENT, "language", "es-MX")
	frappe.clear_document_cache("User", CLIENT)
	frappe.db.commit()  # the web process reads it
	boot = boot_of(http(CLIENT).page("/visit/" + "0" * 32))
	assert (boot["lang"], boot["messages"][key_of("Admit")]) == ("es-MX", "Admitir")


def test_a_site_s_own_translation_goes_before_ours(http: Any, in_spanish: None) -> None:
	own = frappe.get_doc(
		doctype="Translation", language="es", source_text="Waiting room", translated_text="Sala virtual"
	).insert()
	frappe.db.commit()  # the web process reads it
	try:
		messages = boot_of(http(CLIENT).page("/visit/" + "0" * 32))["messages"]
		assert messages[key_of("Waiting room")] == "Sala virtual"
	finally:
		own.delete()
		frappe.db.commit()


def test_a_refusal_is_in_spanish(http: Any, in_spanish: None) -> None:
	refused = http(CLIENT).get("visit.state", room="0" * 32).json()["error"]
	assert refused["code"] == "not_found"
	assert refused["message"].startswith("Esa videoconsulta no existe aquí.")


def test_the_portal_is_in_spanish(http: Any, in_spanish: None, make_appointment: Any) -> None:
	make_appointment()
	page = http(CLIENT).page("/video-visits").text
	assert "Próximas" in page
	assert "Unirse a la videoconsulta" in page
	assert "Join the visit" not in page


def test_the_desk_is_in_spanish(http: Any, in_spanish: None) -> None:
	"""The desk is given the whole catalogue; labels of DocTypes, custom fields and options are looked up in it."""
	frappe.local.lang = "es"
	assert frappe._(frappe.get_meta("Appointment Room").get_label("opens_on")) == "Se abre el"
	assert frappe._(frappe.get_meta("Patient Appointment").get_label("theranvio_video")) == "Cita por video"
	assert [frappe._(word) for word in ("Appointment Room", "Room Audit", "Superseded")] == [
		"Sala de videoconsulta",
		"Auditoría de salas",
		"Sustituido",
	]


def test_a_notification_is_in_its_readers_language(site: Any) -> None:
	frappe.db.set_value("User", OFFICE, "language", "es")
	frappe.clear_document_cache("User", OFFICE)
	SiteLog().announce("TH-UA-1", REACHED)
	subjects = dict(
		frappe.get_all(
			"Notification Log", {"email_content": "TH-UA-1"}, ["for_user", "subject"], as_list=True
		)
	)
	assert subjects[OFFICE].startswith("Una asignación de uso de telesalud ha llegado")
	assert subjects["Administrator"].startswith("A telehealth usage allowance")


def test_the_platform_extracts_the_same_messages(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
	"""`bench generate-pot-file`, written elsewhere. It also looks into a template where that is included."""
	made: list[Catalog] = []
	monkeypatch.setattr(translate, "write_catalog", lambda _app, catalog: made.append(catalog))
	translate.generate_pot(APP)
	with Path(frappe.get_app_path(APP, "locale", "main.pot")).open("rb") as file:
		ours = read_po(file)
	assert [text for text, files in places(ours).items() if not files <= places(made[0])[text]] == []
	assert places(made[0]).keys() == places(ours).keys()


def places(catalog: Catalog) -> dict[str, set[str]]:
	return {m.id: {file for file, _line in m.locations} for m in catalog if m.id}
