/* The page in Spanish, in every state of the gallery: it says nothing in English, and its longer words have room. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { allMessages, pageMessages } from "../../scripts/catalogue.mjs";
import { keyOf } from "../../theranvio_telehealth/public/js/visit/words.js";
import { HANGS, launch, missing, PHONE } from "./browser.mjs";
import { FakeHost } from "./fake_host.mjs";
import { GALLERY, Visitor } from "./gallery.mjs";
import { clashes } from "./geometry.mjs";

const SMALL = { width: 320, height: 568 };
const NAMES = [
	"Dr. Ada Adams",
	"Harbour Clinic",
	"Maria Lopez",
	"Tom Ng",
	"Ida B.",
	"Ana Ray",
	"Li Wei",
	"Jo Fox",
	"Kim",
	"Maria del Carmen Lopez-Fernandez de la Vega",
];
/** What no catalogue translates: names, initials, times, what a person has written, what a device is called. */
const GIVEN = [
	new RegExp(`^(${NAMES.map(escaped).join("|")})$`),
	/^\p{Lu}{1,2}$/u,
	/^\d{1,2}(:\d\d)?( – \d{1,2}:\d\d)?$/,
	/^(Hello there|(Hello ?)+)$/,
	/^fake_device_\d|^Fake .*(Input|Output)/,
];

function escaped(text) {
	return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

const translated = Object.values(allMessages("es")).map(
	(text) => new RegExp(`^${escaped(text).replace(/\\\{\d\\\}/g, ".+")}$`)
);
const isKnown = (text) => [...GIVEN, ...translated].some((pattern) => pattern.test(text));

/** Several messages can stand in one text: as sentences, or with a dot between. */
function isSpanish(text) {
	if (isKnown(text) || isKnown(text.replace(/\.$/, ""))) return true;
	return [...text.matchAll(/(?<=\.) | · /g)].some(
		({ 0: gap, index }) => isSpanish(text.slice(0, index)) && isSpanish(text.slice(index + gap.length))
	);
}

const foreign = (texts) => texts.filter((text) => !isSpanish(text));

/** Runs in the page: every text that a person can see, hear or get by pointing at something. */
function texts() {
	const found = [document.title.replace(/^\(\d+\) /, "")];
	const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	while (walker.nextNode()) {
		const { parentElement, textContent } = walker.currentNode;
		if (!parentElement.closest("script, noscript")) found.push(textContent);
	}
	for (const element of document.body.querySelectorAll("[aria-label], [placeholder], [title], [alt]"))
		for (const name of ["aria-label", "placeholder", "title", "alt"])
			found.push(element.getAttribute(name) || "");
	return [...new Set(found.map((text) => text.trim()).filter(Boolean))];
}

/** The same values in tests/services/test_catalogue.py. */
test("a message's key is the one that the server computes", () => {
	assert.deepEqual(["", "Admit", "Connecting…"].map(keyOf), ["0", "3c31335", "ca35204e"]);
});

describe("the page in Spanish", { skip: missing, timeout: HANGS, concurrency: 2 }, () => {
	let host, browser;
	before(async () => {
		const words = { lang: "es", messages: pageMessages("es"), answers: allMessages("es") };
		host = await new FakeHost(words).listen(0);
		browser = await launch();
	});
	after(async () => {
		await browser.close();
		await host.close();
	});

	for (const [name, show] of Object.entries(GALLERY))
		test(name, async () => {
			const visitor = new Visitor(host, browser, { locale: "es" });
			const page = await show(visitor);
			const wrong = foreign(await page.evaluate(texts)).map((text) => `not Spanish: ${text}`);
			for (const size of [PHONE, SMALL]) {
				await page.setViewportSize(size);
				await page.waitForFunction((width) => innerWidth === width, size.width);
				wrong.push(...(await page.evaluate(clashes)).map((clash) => `${size.width}: ${clash}`));
			}
			await visitor.close();
			assert.deepEqual(wrong, []);
		});

	test("English is noticed", async () => {
		const english = await new FakeHost().listen(0);
		const visitor = new Visitor(english, browser);
		const page = await GALLERY["host: check"](visitor);
		const found = foreign(await page.evaluate(texts));
		await visitor.close();
		await english.close();
		for (const text of ["Ready to start the visit?", "Start the visit", "Turn on camera and microphone"])
			assert.ok(found.includes(text), text);
		assert.deepEqual(foreign(["Maria Lopez espera para entrar.", "Paciente · en la llamada"]), []);
	});
});
