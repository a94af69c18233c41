/* Builds the visit page's bundles and stylesheet as Frappe would, for the demo and the tests, and the bundle
   for Amazon Chime, which Frappe cannot build: `--chime` builds that alone (docs/adr/0010).
   `--size` also prints what a browser has to fetch, and fails above the limits. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { pageMessages } from "./scripts/catalogue.mjs";

const APP = join(dirname(fileURLToPath(import.meta.url)), "theranvio_telehealth");
const OUT = join(APP, "public/dist");
const MEDIA = join(APP, "public/js/visit/media");
const CHIME = join(APP, "public/built/chime.js");
const LIMITS = { visit: 45000, realtime: 15000, chime: 210000 };
const COMMON = {
	bundle: true,
	minify: true,
	target: "es2017",
	legalComments: "none",
	logLevel: "warning",
};

async function buildPage() {
	await build({
		...COMMON,
		entryPoints: ["visit", "realtime"].map((name) => join(APP, `public/js/${name}.bundle.js`)),
		outdir: join(OUT, "js"),
		format: "iife",
		sourcemap: "linked",
	});
	await build({
		...COMMON,
		entryPoints: [join(APP, "public/css/visit.bundle.css")],
		outdir: join(OUT, "css"),
	});
}

/** One file of Amazon's client asks for all of it. It gets the two names it uses. */
const BARREL = ["MeetingSessionStatus", "MeetingSessionStatusCode"]
	.map(
		(name) => `exports.${name} = require("amazon-chime-sdk-js/build/meetingsession/${name}.js").default;`
	)
	.join("\n");

const withoutBarrel = {
	name: "without-barrel",
	setup({ onResolve, onLoad }) {
		onResolve({ filter: /^\.\.$/ }, ({ importer }) => ({
			path: "barrel",
			namespace: "barrel",
			errors: importer.endsWith("/task/PromoteToPrimaryMeetingTask.js")
				? []
				: [{ text: `${importer} asks for all of Amazon's client` }],
		}));
		onLoad({ filter: /./, namespace: "barrel" }, () => ({ contents: BARREL, resolveDir: MEDIA }));
	},
};

async function buildChime() {
	await build({
		...COMMON,
		entryPoints: [join(MEDIA, "chime.js")],
		outfile: CHIME,
		format: "iife",
		mainFields: ["browser", "module", "main"],
		define: { global: "globalThis" },
		banner: { js: "/*! With amazon-chime-sdk-js, Copyright Amazon.com, Inc., Apache-2.0 */" },
		plugins: [withoutBarrel],
	});
}

/** The page as a reader of another language gets it: with every message in it. */
function page() {
	const boot = JSON.stringify({ messages: pageMessages("es") });
	return readFileSync(join(APP, "templates/visit.html"), "utf8").replace("{{ boot | tojson }}", boot);
}

function report() {
	weigh("visit", {
		page: page(),
		bundle: readFileSync(join(OUT, "js/visit.bundle.js")),
		style: readFileSync(join(OUT, "css/visit.bundle.css")),
	});
	weigh("realtime", { bundle: readFileSync(join(OUT, "js/realtime.bundle.js")) });
	weigh("chime", { bundle: readFileSync(CHIME) });
}

function weigh(what, parts) {
	let total = 0;
	for (const [name, content] of Object.entries(parts)) {
		const size = gzipSync(content, { level: 6 }).length;
		total += size;
		say(what, name, `${size} bytes gzip`);
	}
	say(what, "total", `${total} bytes gzip, at most ${LIMITS[what]}`);
	if (total > LIMITS[what]) process.exitCode = 1;
}

function say(what, name, text) {
	console.log(`${what} ${name.padEnd(8)}${text.padStart(12)}`);
}

if (!process.argv.includes("--chime")) await buildPage();
await buildChime();
if (process.argv.includes("--size")) report();
