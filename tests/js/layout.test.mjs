/* How the page lies at every width, magnified too: nothing hides a control, nothing lies over a word, nothing is lost.
   And what axe finds in every state: nothing. */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { launch, missing } from "./browser.mjs";
import { FakeHost } from "./fake_host.mjs";
import { GALLERY, Visitor } from "./gallery.mjs";
import { clashes, planted } from "./geometry.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** The last is what is left of 1280 by 1024 at 400 %. */
const SIZES = [
	{ width: 1280, height: 800 },
	{ width: 768, height: 1024 },
	{ width: 390, height: 844 },
	{ width: 320, height: 568 },
	{ width: 320, height: 256 },
];
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** Queries of the page's size are answered with the next frame. */
async function resize(page, size) {
	await page.setViewportSize(size);
	await page.waitForFunction(({ width }) => innerWidth === width, size);
	await page.evaluate(
		() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
	);
}

/** In the dark only the colours are others. */
const LOOKED_FOR = {
	light: { type: "tag", values: TAGS },
	dark: { type: "rule", values: ["color-contrast"] },
};

async function violations(page, colorScheme) {
	await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
	const found = await page.evaluate(
		(runOnly) => window.axe.run(document, { runOnly, resultTypes: ["violations"] }),
		LOOKED_FOR[colorScheme]
	);
	return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" | ")}`);
}

describe("the look of the page", { skip: missing, timeout: 900000, concurrency: 2 }, () => {
	let host, browser;
	before(async () => {
		host = await new FakeHost().listen(0);
		browser = await launch();
	});
	after(async () => {
		await browser.close();
		await host.close();
	});

	for (const [name, show] of Object.entries(GALLERY))
		test(name, async () => {
			const visitor = new Visitor(host, browser);
			const page = await show(visitor);
			const wrong = [];
			for (const size of SIZES) {
				await resize(page, size);
				const found = await page.evaluate(clashes);
				wrong.push(...found.map((clash) => `${size.width}x${size.height}: ${clash}`));
			}
			await resize(page, SIZES[0]);
			await page.evaluate(AXE);
			for (const scheme of ["light", "dark"]) wrong.push(...(await violations(page, scheme)));
			await visitor.close();
			assert.deepEqual(wrong, []);
		});

	test("what lies over something else, or out of reach, is noticed", async () => {
		const visitor = new Visitor(host, browser);
		const page = await GALLERY["host: call"](visitor);
		for (const [css, what] of planted) {
			await page.evaluate((text) => {
				const sheet = new CSSStyleSheet();
				sheet.replaceSync(text);
				document.adoptedStyleSheets = [sheet];
			}, css);
			assert.match((await page.evaluate(clashes)).join("\n"), what);
		}
		await visitor.close();
	});

	test("upright, the other's picture fills the page, or is shown whole", async () => {
		const visitor = new Visitor(host, browser);
		const page = await GALLERY["client: call"](visitor);
		await resize(page, { width: 390, height: 844 });
		const share = () =>
			page.evaluate(() => {
				const video = document.querySelector("[data-tile=remote] video");
				const { width, height } = video.getBoundingClientRect();
				const scales = [width / video.videoWidth, height / video.videoHeight];
				const isCover = getComputedStyle(video).objectFit === "cover";
				const scale = isCover ? Math.max(...scales) : Math.min(...scales);
				const seen = [
					Math.min(width, scale * video.videoWidth),
					Math.min(height, scale * video.videoHeight),
				];
				return (seen[0] * seen[1]) / (innerWidth * innerHeight);
			});
		const whole = await share();
		assert.ok(whole > 0.6, `fills ${whole} of the page`);
		await page.getByRole("button", { name: "Show the whole picture" }).click();
		assert.ok((await share()) < 0.3);
		await page.getByRole("button", { name: "Fill the screen" }).click();
		assert.ok((await share()) > 0.6);
		await visitor.close();
	});

	test("the drawer leaves the controls free on a phone: they are pressed while it is open", async () => {
		const visitor = new Visitor(host, browser);
		const page = await GALLERY["host: call, people"](visitor);
		await resize(page, { width: 390, height: 844 });
		await page.locator("[data-action=mute]").click({ timeout: 3000 });
		await page.locator("[data-action=camera]").click({ timeout: 3000 });
		await page.locator("[data-action=leave]").click({ timeout: 3000 });
		await visitor.close();
	});

	test("an alert leaves «Reconnecting» to be read", async () => {
		const visitor = new Visitor(host, browser);
		const page = await GALLERY["client: call, reconnecting and an alert"](visitor);
		for (const size of SIZES) {
			await resize(page, size);
			const [top, status] = await Promise.all(
				["#alert .alert", ".stage-status"].map((what) => page.locator(what).boundingBox())
			);
			assert.ok(top.y + top.height <= status.y, JSON.stringify([size, top, status]));
		}
		await visitor.close();
	});

	for (const [state, expected] of [
		["client: call", /Encrypted in transit, through Amazon's servers/],
		["client: call, peer-to-peer", /End-to-end encrypted/],
	])
		test(`${state}: says what protects it`, async () => {
			const visitor = new Visitor(host, browser);
			const text = await (await GALLERY[state](visitor)).locator(".stage-top").innerText();
			assert.match(text, expected);
			assert.equal(/end-to-end/i.test(text), expected.test("End-to-end encrypted"));
			await visitor.close();
		});
});
