/* Debian's Firefox over WebDriver BiDi, for tools/harness/firefox.py. A request is a line of JSON on stdin, `{ id, verb, page, … }`;
   its answer is a line on stdout, `{ id, value }` or `{ id, error }`. What happens in a page is a line without an id. */
import { createInterface } from "node:readline";
import { launch } from "puppeteer-core";

/** No camera, no microphone, no questions; sound without a sound card; calls within this machine. */
const PREFERENCES = {
	"media.navigator.streams.fake": true,
	"media.navigator.permission.disabled": true,
	"media.autoplay.default": 0,
	"media.cubeb.backend": "none",
	"media.peerconnection.ice.loopback": true,
	"media.peerconnection.ice.obfuscate_host_addresses": false, // the emulator knows no mDNS names
	"intl.accept_languages": "en-GB",
};

const TELL_VIOLATIONS = () =>
	document.addEventListener("securitypolicyviolation", (event) =>
		console.error("Content Security Policy", event.violatedDirective, event.blockedURI)
	);

const browser = await launch({
	browser: "firefox",
	executablePath: process.argv[2],
	headless: true,
	extraPrefsFirefox: PREFERENCES,
	defaultViewport: { width: 1280, height: 800 },
});
const pages = new Map();

const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

/** Answers to POST requests: what the server sends to a page. */
async function tell(number, response) {
	const request = response.request();
	if (request.method() !== "POST" || !response.ok()) return;
	const token = request.headers()["x-frappe-csrf-token"] ?? "";
	const { requestTime } = response.timing() ?? {};
	const body = await response.json().catch(() => null);
	say({ page: number, kind: "answer", url: response.url(), token, sent: requestTime, body });
}

async function firstVisible(page, selector) {
	const found = await page.$$(selector);
	for (const element of found) if (await element.evaluate((e) => e.checkVisibility())) return element;
	throw new Error(`nothing visible is ${selector}`);
}

const VERBS = {
	async open({ page: number, script }) {
		const context = await browser.createBrowserContext();
		const page = await context.newPage({ type: "window" });
		pages.set(number, page);
		page.on("response", (response) =>
			tell(number, response).catch((error) =>
				say({ page: number, kind: "trouble", text: String(error) })
			)
		);
		page.on("pageerror", (error) => say({ page: number, kind: "trouble", text: String(error) }));
		page.on("console", (message) => {
			if (message.text().includes("Content Security Policy"))
				say({ page: number, kind: "trouble", text: message.text() });
		});
		await page.evaluateOnNewDocument(TELL_VIOLATIONS);
		await page.evaluateOnNewDocument(script);
	},
	async close({ page }) {
		await pages.get(page).browserContext().close();
		pages.delete(page);
	},
	goto: ({ page, url }) =>
		pages
			.get(page)
			.goto(url, { timeout: 0 })
			.then(() => null),
	reload: ({ page }) =>
		pages
			.get(page)
			.reload({ timeout: 0 })
			.then(() => null),
	evaluate: ({ page, source, argument }) =>
		pages.get(page).evaluate(`(${source})(${JSON.stringify(argument ?? null)})`),
	async click({ page, selector }) {
		await (await firstVisible(pages.get(page), selector)).click();
	},
	async type({ page, selector, text }) {
		await (await firstVisible(pages.get(page), selector)).type(text);
	},
};

for await (const line of createInterface({ input: process.stdin })) {
	const { id, verb, ...more } = JSON.parse(line);
	Promise.resolve(VERBS[verb](more))
		.then((value) => say({ id, value: value ?? null }))
		.catch((error) => say({ id, error: String(error) }));
}
await browser.close();
