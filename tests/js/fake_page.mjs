/* The visit page as the fake host serves it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { keyOf } from "../../theranvio_telehealth/public/js/visit/words.js";
import { APP } from "./places.mjs";

/** Enough of Jinja for this one template. */
export function render(boot) {
	return readFileSync(join(APP, "templates/visit.html"), "utf8")
		.replace("{{ boot | tojson }}", JSON.stringify(boot).replaceAll("<", "\\u003c"))
		.replace(/{{ _\("([^"]*)"\) \| e }}/g, (_, word) => boot.messages[keyOf(word)] || word)
		.replace(/{{ boot\.(\w+) \| e }}/g, (_, name) => boot[name]);
}

export const CSP = [
	"default-src 'none'",
	"script-src 'self'",
	"style-src 'self'",
	"connect-src 'self'",
	"img-src 'self'",
	"media-src 'self' blob:",
	"frame-ancestors 'none'",
	"base-uri 'none'",
	"form-action 'none'",
].join("; ");
export const TYPES = { js: "text/javascript", css: "text/css", map: "application/json" };
