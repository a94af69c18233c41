/* A whole visit in two browser pages with real video between them, on the fake host. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
	click,
	HANGS,
	inTheCall,
	launch,
	missing,
	open,
	announced,
	screen,
	sees,
	seesNobody,
} from "./browser.mjs";
import { FakeHost } from "./fake_host.mjs";

describe("a visit", { skip: missing, timeout: HANGS }, () => {
	let host, browser;
	before(async () => {
		host = await new FakeHost().listen(0);
		browser = await launch();
	});
	after(async () => {
		await browser.close();
		await host.close();
	});

	test("wait, be let in, see each other, be sent back, come back, reload, end", async () => {
		const { clinician, client } = await inTheCall(host, browser);

		await click(clinician, "send-back");
		await screen(client, "waiting");
		await Promise.all([seesNobody(client), seesNobody(clinician)]);
		assert.match(await client.locator("h1").innerText(), /asked you to wait/);
		assert.equal(await client.evaluate(() => document.activeElement.tagName), "H1");

		await click(clinician, "admit");
		await Promise.all([sees(clinician), sees(client)]);

		await client.reload();
		await sees(client);
		await clinician.reload();
		await Promise.all([sees(clinician), sees(client)]);

		await click(clinician, "end");
		await click(clinician, "confirm");
		await Promise.all([screen(client, "over"), screen(clinician, "over")]);
		assert.match(await announced(client), /The visit has ended/);
		assert.deepEqual([...client.complaints, ...clinician.complaints], []);
		await Promise.all([client.context().close(), clinician.context().close()]);
	});

	test("what was given in confidence is in no address and no storage", async () => {
		const { client, clinician } = await inTheCall(host, browser);
		const secrets = [
			"token",
			...host.seen.filter((call) => call.body.attendee).map((call) => call.body.attendee),
		];
		const stored = await client.evaluate(() =>
			JSON.stringify([location.href, { ...localStorage }, { ...sessionStorage }])
		);
		const addresses = host.seen.map((call) => call.url).join(" ");
		for (const secret of secrets) assert.ok(!stored.includes(secret) && !addresses.includes(secret));
		assert.equal(await client.locator("#boot").count(), 0);
		await Promise.all([client.context().close(), clinician.context().close()]);
	});

	test("muting, camera off and on again, leaving and coming back", async () => {
		const { client, clinician } = await inTheCall(host, browser);
		const tile = clinician.locator("[data-tile=remote]");
		await click(client, "camera");
		await clinician.locator("[data-tile=remote][data-video=off]").waitFor();
		await click(client, "mute");
		await tile.getByText("Microphone off").waitFor();
		await click(client, "camera");
		await clinician.locator("[data-tile=remote][data-video=on]").waitFor();
		const frames = await sees(clinician);
		await clinician.waitForFunction(
			(seen) =>
				document.querySelector("[data-tile=remote] video").getVideoPlaybackQuality()
					.totalVideoFrames > seen,
			frames
		);
		await click(client, "leave");
		await screen(client, "check");
		await seesNobody(clinician);
		await click(client, "enter");
		await click(clinician, "admit");
		await Promise.all([sees(clinician), sees(client)]);
		await Promise.all([client.context().close(), clinician.context().close()]);
	});

	test("the same person in another tab takes the visit over, and back", async () => {
		const { client, clinician, room } = await inTheCall(host, browser);
		const second = await client.context().newPage();
		await second.goto(host.as("client", room));
		await screen(second, "ready");
		await click(second, "join");
		await sees(second);
		await client.locator("main[data-screen=elsewhere]").waitFor();
		await click(client, "join");
		await Promise.all([sees(client), sees(clinician)]);
		await Promise.all([client.context().close(), clinician.context().close()]);
	});

	test("where the browser refuses sound, a button turns it on", async () => {
		const { client, clinician } = await inTheCall(host, browser);
		await client.addInitScript(() => {
			const play = HTMLAudioElement.prototype.play;
			HTMLAudioElement.prototype.play = function refuseOnce() {
				HTMLAudioElement.prototype.play = play;
				return Promise.reject(new DOMException("", "NotAllowedError"));
			};
		});
		await client.reload();
		await sees(client);
		assert.equal(await client.evaluate(() => document.querySelector("audio").paused), true);
		await client.getByRole("button", { name: "Turn on sound" }).click();
		await client.waitForFunction(() => document.querySelector("audio").currentTime > 0);
		assert.equal(await client.locator("[data-action=hear]").count(), 0);
		await Promise.all([client.context().close(), clinician.context().close()]);
	});

	test("removing asks first; the removed person reads so, and may be called back", async () => {
		const { client, clinician } = await inTheCall(host, browser);
		await click(clinician, "remove");
		await clinician.keyboard.press("Escape");
		assert.equal(await clinician.locator("dialog").count(), 0);
		assert.equal(await clinician.evaluate(() => document.activeElement.dataset.action), "remove");
		await click(clinician, "remove");
		await click(clinician, "confirm");
		await screen(client, "removed");
		await seesNobody(clinician);
		await click(clinician, "send-back");
		await screen(client, "waiting");
		await Promise.all([client.context().close(), clinician.context().close()]);
	});
});

describe("a visit without realtime", { skip: missing, timeout: HANGS }, () => {
	test("goes by polling alone, also through a reload", async () => {
		const host = await new FakeHost({ realtime: false }).listen(0);
		const browser = await launch();
		const { client, clinician } = await inTheCall(host, browser);
		await clinician.reload();
		await Promise.all([sees(clinician), sees(client)]);
		await click(clinician, "send-back");
		await screen(client, "waiting");
		await seesNobody(client);
		await browser.close();
		await host.close();
	});
});

describe("no camera", { skip: missing, timeout: HANGS }, () => {
	test("is explained, and does not keep anybody out", async () => {
		const host = await new FakeHost().listen(0);
		const [bare, equipped] = await Promise.all([launch({ devices: false }), launch()]);
		const room = host.room();
		const clinician = await open(equipped, host.as("host", room));
		const client = await open(bare, host.as("client", room));
		await click(client, "enter");
		await screen(client, "waiting");
		await client
			.getByText(/camera/i)
			.first()
			.waitFor();
		await click(clinician, "enter");
		await click(clinician, "admit");
		await click(client, "join");
		await sees(client);
		await Promise.all([bare.close(), equipped.close()]);
		await host.close();
	});
});
