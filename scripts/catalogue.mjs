/* The catalogues in theranvio_telehealth/locale, for the build and the tests. */
import { readFileSync } from "node:fs";
import { keyOf } from "../theranvio_telehealth/public/js/visit/words.js";

const LOCALE = new URL("../theranvio_telehealth/locale/", import.meta.url);
const PAGE = /^#: .*theranvio_telehealth\/public\/js\/visit\//m;
const ENTRY = /^msgid ((?:".*"\n)+)msgstr ((?:".*"\n?)+)/m;

const unquoted = (lines) =>
	lines
		.trim()
		.split("\n")
		.map((line) => JSON.parse(line))
		.join("");

/** Pairs of English text and translation: all of them, or the visit page's own. */
function pairs(lang, isWanted) {
	const [, ...entries] = readFileSync(new URL(`${lang}.po`, LOCALE), "utf8")
		.trim()
		.split("\n\n");
	return entries.filter(isWanted).map((entry) => ENTRY.exec(entry).slice(1).map(unquoted));
}

export const allMessages = (lang) => Object.fromEntries(pairs(lang, () => true));

/** As services/catalogue.py gives them to the page. */
export const pageMessages = (lang) =>
	Object.fromEntries(
		pairs(lang, (entry) => PAGE.test(entry))
			.filter(([text, translated]) => text !== translated)
			.map(([text, translated]) => [keyOf(text), translated])
	);
