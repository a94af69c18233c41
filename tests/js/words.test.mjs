/* Every sentence the page can say is on the list that hosts translate from, and nothing else is. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { APP } from "./places.mjs";

const CALL = /(?<![\w$])__\(/g;
const LITERAL = /^\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\s*[,)]/;
const IN_TEMPLATE = /boot\.messages\.get\("([^"]*)", "([^"]*)"\)/g;

function sources() {
	const folder = `${APP}/public/js/visit`;
	return readdirSync(folder, { recursive: true })
		.filter((name) => name.endsWith(".js") && name !== "words.js")
		.map((name) => [name, readFileSync(`${folder}/${name}`, "utf8")]);
}

/** Throws where `__` is given anything but a literal. */
export function literals(name, source) {
	return [...source.matchAll(CALL)].map((call) => {
		const found = LITERAL.exec(source.slice(call.index + call[0].length));
		assert.ok(found, `${name}: __ needs a literal, near: ${source.slice(call.index, call.index + 60)}`);
		return found[1].startsWith("'") ? found[1].slice(1, -1) : JSON.parse(found[1]);
	});
}

function spoken() {
	const template = readFileSync(`${APP}/templates/visit.html`, "utf8");
	const inTemplate = [...template.matchAll(IN_TEMPLATE)].flatMap((found) => [found[1], found[2]]);
	return new Set([...sources().flatMap(([name, source]) => literals(name, source)), ...inTemplate]);
}

test("words.json lists exactly what the page can say, in order", () => {
	const listed = JSON.parse(readFileSync(`${APP}/public/js/visit/words.json`, "utf8"));
	assert.deepEqual(listed, [...spoken()].sort());
});

test("a computed message is noticed", () => {
	assert.throws(() => literals("planted", "return __(name);"));
	assert.deepEqual(literals("planted", '__("One") + __(\n\t"Two {0}",\n\t[x])'), ["One", "Two {0}"]);
});
