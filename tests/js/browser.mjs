/* Chromium pages on a fake host, with made-up cameras, and what the tests ask of them. */
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

const EXECUTABLE = process.env.CHROMIUM || "/usr/bin/chromium";
/** A busy machine starves the GPU process; Chromium restarts it and, after a few times, exits. */
const STARVED = ["--disable-gpu-watchdog", "--disable-gpu-process-crash-limit"];
const ALONE = ["--no-sandbox", ...STARVED];
const ARGS = [...ALONE, "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"];

/** In ms. These only end what hangs: however busy the machine, no verdict comes of them. */
const PATIENCE = 120000;
export const HANGS = 20 * 60000;

/** A page so begun never asks by itself when there is realtime: what it learns, it was nudged to ask for. */
export const NEVER_ASKS_BY_ITSELF = `
	for (const name of ["setTimeout", "setInterval"]) {
		const set = window[name];
		window[name] = (callback, delay, ...given) => (delay >= 10000 ? 0 : set(callback, delay, ...given));
	}
`;

/** Why the browser tests cannot run, or false. */
export const missing = existsSync(EXECUTABLE) ? false : `no Chromium at ${EXECUTABLE} (set CHROMIUM)`;

export function launch({ devices = true } = {}) {
	return chromium.launch({ executablePath: EXECUTABLE, args: devices ? ARGS : ALONE });
}

export const DESKTOP = { width: 1280, height: 800 };
export const PHONE = { width: 390, height: 844 };

/** Browsers also log what a host refuses a person; of what the page asks by itself they shall have nothing to log. */
const REFUSED = /the server responded with a status of (4\d\d|503)/;
const BY_ITSELF = /\.api\.visit\.(state|heartbeat|signal)(\?|$)|favicon/;
const isOrdinary = (message) => REFUSED.test(message.text()) && !BY_ITSELF.test(message.location().url);

/** A page of its own context; the browser's errors and warnings are stored in `page.complaints`. */
export async function open(
	browser,
	address,
	{ viewport = DESKTOP, permissions = [], script = "", ...options } = {}
) {
	const context = await browser.newContext({ viewport, locale: "en-US", ...options });
	context.setDefaultTimeout(PATIENCE);
	await context.grantPermissions(permissions);
	await context.addInitScript(script);
	const page = await context.newPage();
	page.complaints = [];
	page.on("pageerror", (error) => page.complaints.push(error.stack));
	page.on("console", (message) => !isOrdinary(message) && page.complaints.push(message.text()));
	await page.goto(address);
	return page;
}

export const screen = (page, name) => page.locator(`main[data-screen=${name}]`).waitFor();
export const click = (page, name) => page.locator(`[data-action=${name}]`).click();
export const announced = (page) => page.locator("#announcements").innerText();

/** Waits until the other person's picture moves; returns the frames decoded so far. */
export function sees(page) {
	return page
		.waitForFunction(() => {
			const video = document.querySelector("[data-tile=remote] video");
			const frames = video ? video.getVideoPlaybackQuality().totalVideoFrames : 0;
			return frames > 2 && video.currentTime > 0 ? frames : false;
		})
		.then((frames) => frames.jsonValue());
}

export function seesNobody(page) {
	return page.locator("[data-tile=remote]").waitFor({ state: "detached" });
}

/** Host and client of a fresh room, both in the call. */
export async function inTheCall(host, browser, given = {}) {
	const room = host.room(given);
	const clinician = await open(browser, host.as("host", room));
	const client = await open(browser, host.as("client", room));
	await click(clinician, "enter");
	await screen(clinician, "call");
	await click(client, "enter");
	await click(clinician, "admit");
	await Promise.all([sees(clinician), sees(client)]);
	return { room, clinician, client };
}
