/* Builds the visit page's bundle and stylesheet as Frappe would, for the embedded host and the tests.
   `--size` also prints what a browser has to fetch, and fails above the limit. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const APP = join(dirname(fileURLToPath(import.meta.url)), "theranvio_telehealth");
const OUT = join(APP, "public/dist");
const LIMIT = 60000;

async function buildAll() {
	const options = {
		bundle: true,
		minify: true,
		target: "es2017",
		legalComments: "none",
		logLevel: "warning",
	};
	await build({
		...options,
		entryPoints: [join(APP, "public/js/visit.bundle.js")],
		outdir: join(OUT, "js"),
		format: "iife",
		sourcemap: "linked",
	});
	await build({
		...options,
		entryPoints: [join(APP, "public/css/visit.bundle.css")],
		outdir: join(OUT, "css"),
	});
}

/** The page as a reader of another language gets it: with every message in it. */
function page() {
	const words = JSON.parse(readFileSync(join(APP, "public/js/visit/words.json"), "utf8"));
	const boot = JSON.stringify({ messages: Object.fromEntries(words.map((word) => [word, word])) });
	return readFileSync(join(APP, "templates/visit.html"), "utf8").replace("{{ boot | tojson }}", boot);
}

function report() {
	const parts = {
		page: page(),
		bundle: readFileSync(join(OUT, "js/visit.bundle.js")),
		style: readFileSync(join(OUT, "css/visit.bundle.css")),
	};
	let total = 0;
	for (const [name, content] of Object.entries(parts)) {
		const size = gzipSync(content, { level: 6 }).length;
		total += size;
		console.log(`${name.padEnd(8)}${String(size).padStart(8)} bytes gzip`);
	}
	console.log(`${"total".padEnd(8)}${String(total).padStart(8)} bytes gzip, at most ${LIMIT}`);
	if (total > LIMIT) process.exitCode = 1;
}

await buildAll();
if (process.argv.includes("--size")) report();
