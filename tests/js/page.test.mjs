/* The page's screens around the call, on the fake host: what is announced, which keys work, and what fits. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { keyOf } from "../../theranvio_telehealth/public/js/visit/words.js";
import { click, HANGS, launch, missing, NEVER_ASKS_BY_ITSELF, open, announced, screen } from "./browser.mjs";
import { FakeHost } from "./fake_host.mjs";

const LINK = "https://meet.example/room";

describe("the page", { skip: missing, timeout: HANGS }, () => {
	let host, browser;
	const pages = [];
	before(async () => {
		host = await new FakeHost().listen(0);
		browser = await launch();
	});
	after(async () => {
		await browser.close();
		await host.close();
	});

	/** Closes what the test has opened, and sees that no browser complained, of the policy for instance. */
	const visiting = (name, run) =>
		test(name, async () => {
			await run();
			const complaints = pages.flatMap((page) => page.complaints);
			await Promise.all(pages.splice(0).map((page) => page.context().close()));
			assert.deepEqual(complaints, []);
		});

	async function visit(user, room, options) {
		const page = await open(browser, host.as(user, room), options);
		pages.push(page);
		return page;
	}

	async function started(given, options) {
		const room = host.room(given);
		const clinician = await visit("host", room, options);
		await click(clinician, "enter");
		await screen(clinician, "call");
		return { room, clinician };
	}

	visiting("the choice of devices follows what is plugged in and out", async () => {
		const client = await visit("client", host.room(), { permissions: ["camera", "microphone"] });
		await client.locator("[data-action=level]").waitFor();
		await click(client, "devices");
		const plug = (label) =>
			client.evaluate((name) => {
				const { mediaDevices } = navigator;
				const real = Object.getPrototypeOf(mediaDevices).enumerateDevices.bind(mediaDevices);
				const more = name ? [{ kind: "audioinput", deviceId: "headset", label: name }] : [];
				mediaDevices.enumerateDevices = async () => [...(await real()), ...more];
				mediaDevices.dispatchEvent(new Event("devicechange"));
			}, label);
		await plug("A headset");
		const headset = client.locator("[data-device=audio] option[value=headset]");
		await headset.waitFor({ state: "attached" });
		await client.locator("[data-device=audio]").selectOption("headset");
		await client.waitForFunction(() => document.querySelector("[data-device=audio]").value !== "headset");
		await plug("");
		await headset.waitFor({ state: "detached" });
		assert.equal(await client.locator("dialog").count(), 1);
		assert.equal(await client.locator(".note.caution").count(), 0);
	});

	visiting("a device that is plugged in while the choice opens is offered", async () => {
		const client = await visit("client", host.room(), { permissions: ["camera", "microphone"] });
		await client.locator("[data-action=level]").waitFor();
		await client.evaluate(() => {
			const { mediaDevices } = navigator;
			const real = mediaDevices.enumerateDevices.bind(mediaDevices);
			const headset = { kind: "audioinput", deviceId: "headset", label: "A headset" };
			let first = true;
			mediaDevices.enumerateDevices = async () => {
				const devices = await real();
				if (!first) return [...devices, headset];
				first = false;
				mediaDevices.dispatchEvent(new Event("devicechange"));
				await new Promise((resolve) => setTimeout(resolve, 100));
				return devices;
			};
		});
		await click(client, "devices");
		await client
			.locator("[data-device=audio] option[value=headset]")
			.waitFor({ state: "attached", timeout: 20000 });
	});

	visiting("opens by itself when the time has come", async () => {
		const room = host.room({ opens: 30 });
		const client = await visit("client", room);
		await screen(client, "early");
		assert.match(
			await client.locator("h1").innerText(),
			/^Your visit opens at (\w.* at )?\d+:\d\d\s[AP]M\.$/
		);
		room.opens = Date.now();
		host.nudge();
		await screen(client, "check");
	});

	visiting(
		"tells the host, whose page does not ask, who has come, by sight and to a screen reader",
		async () => {
			const { room, clinician } = await started({}, { script: NEVER_ASKS_BY_ITSELF });
			const client = await visit("client", room);
			await click(client, "enter");
			await clinician.waitForFunction(() => document.title === "(1) Video visit");
			assert.match(await announced(clinician), /Maria Lopez is waiting to be let in/);
			await screen(client, "waiting");
			await client.getByText("Dr. Ada Adams is here and will let you in.").waitFor();
			await click(client, "leave");
			await clinician.waitForFunction(() => document.title === "Video visit");
		}
	);

	visiting("a double click on Admit only admits", async () => {
		const { room, clinician } = await started();
		const client = await visit("client", room);
		await click(client, "enter");
		await clinician.locator("[data-action=admit]").dblclick();
		await screen(client, "call");
		const calls = host.seen.filter(
			({ name, method, body }) =>
				body.room === room.name && method === "POST" && name.startsWith("host.")
		);
		assert.deepEqual(
			calls.map(({ name }) => name),
			["host.admit"]
		);
	});

	visiting("all of it goes by keyboard", async () => {
		const room = host.room({ fallback: LINK });
		const [clinician, client] = [await visit("host", room), await visit("client", room)];
		await press(client, "enter", "Enter");
		await screen(client, "waiting");
		await press(clinician, "enter", "Space");
		await screen(clinician, "call");
		await press(clinician, "admit", "Enter");
		await screen(client, "call");
		for (const name of ["mute", "mute", "camera", "camera", "lock"])
			await press(clinician, name, "Space");
		await clinician.locator("[data-action=lock][aria-checked=true]").waitFor();
		await press(clinician, "fallback", "Space");
		await client.locator("[data-action=fallback-link]").waitFor();
		await press(clinician, "end", "Enter");
		assert.equal(await clinician.evaluate(() => Boolean(document.activeElement.closest("dialog"))), true);
		await clinician.keyboard.press("Escape");
		assert.equal(await focused(clinician), "end");
		await clinician.keyboard.press("Enter");
		await press(clinician, "confirm", "Enter");
		await screen(client, "over");
		assert.equal(await client.evaluate(() => document.activeElement.textContent), "The visit has ended");
	});

	visiting("a button that goes leaves the focus close by", async () => {
		const { room, clinician } = await started();
		const client = await visit("client", room);
		await click(client, "enter");
		await clinician.locator("[data-action=decline]").focus();
		await clinician.keyboard.press("Enter");
		await screen(client, "declined");
		assert.equal(await clinician.evaluate(() => document.activeElement.textContent), "People");
	});

	visiting("a refusal is announced, in the host's words, and can be dismissed", async () => {
		const { room, clinician } = await started();
		room.exhausted = true;
		const client = await visit("client", room);
		await click(client, "enter");
		await click(clinician, "admit");
		await clinician.getByRole("alert").getByText("The video minutes are used up").waitFor();
		await click(clinician, "dismiss");
		await clinician.locator("#alert .alert").waitFor({ state: "detached" });
		await screen(client, "waiting");
	});

	visiting("an external visit opens in a tab that knows nothing of this one", async () => {
		const room = host.room({ adapter: "External Link", fallback: LINK });
		const clinician = await visit("host", room);
		let referrer = null;
		await clinician.context().route("https://meet.example/**", (route) => {
			referrer = route.request().headers().referer || "";
			return route.fulfill({ body: "there", contentType: "text/html" });
		});
		const opening = clinician.context().waitForEvent("page");
		await click(clinician, "enter");
		const other = await opening;
		await other.waitForLoadState();
		assert.equal(other.url(), LINK);
		assert.equal(await other.evaluate(() => window.opener), null);
		assert.equal(referrer, "");
		await screen(clinician, "call");
		assert.equal(await clinician.locator("[data-action=open-link]").getAttribute("href"), LINK);
		assert.equal(await clinician.locator("[data-action=mute]").count(), 0);
	});

	visiting("blocked video leaves the fallback", async () => {
		const room = host.room({ fallback: LINK });
		room.blocked = { code: "phi_not_permitted" };
		const [clinician, client] = [await visit("host", room), await visit("client", room)];
		await Promise.all([screen(clinician, "blocked"), screen(client, "blocked")]);
		await clinician.getByText(/^Embedded video is switched off here .*\.$/).waitFor();
		await client.getByText("Your appointment stands.").waitFor();
		assert.equal(await client.getByText("Embedded video is switched off").count(), 0);
		assert.equal(await client.locator("[data-action=fallback-link]").count(), 0);
		await click(clinician, "fallback");
		await client.locator(`[data-action=fallback-link][href="${LINK}"]`).waitFor();
	});

	visiting("who is put out between two beats is out, and no browser makes an error of it", async () => {
		const { room, clinician } = await started();
		const client = await visit("client", room);
		await click(client, "enter");
		await click(clinician, "admit");
		await screen(client, "call");
		Object.assign(room.people[1], { state: "Removed", attendee: null });
		const refused = await client.waitForResponse(
			async (answer) =>
				/visit\.(heartbeat|signal)$/.test(answer.url()) && "error" in (await answer.json())
		);
		assert.equal((await refused.json()).error.code, "not_admitted");
		await screen(client, "removed");
	});

	visiting("a third person reads that the call is full, and may try again", async () => {
		const { room, clinician } = await started({ clients: ["Maria Lopez", "Tom Ng"] });
		const [first, second] = [await visit("client", room), await visit("client1", room)];
		await click(first, "enter");
		await click(clinician, "admit");
		await screen(first, "call");
		await click(second, "enter");
		await click(clinician, "admit");
		await screen(second, "full");
		await click(first, "leave");
		await click(second, "join");
		await screen(second, "call");
	});

	for (const [status, title] of [
		["Ended", "The visit has ended"],
		["Revoked", "This visit was cancelled"],
		["Expired", "The time for this visit is over"],
	])
		visiting(`${status}: says so, and leads back`, async () => {
			const room = host.room();
			room.status = status;
			const client = await visit("client", room);
			await screen(client, "over");
			assert.equal(await client.locator("h1").innerText(), title);
			assert.equal(await client.locator("[data-action=home]").getAttribute("href"), "/video-visits");
		});

	visiting("another person's visit is not shown", async () => {
		const client = await visit("stranger", host.room());
		await screen(client, "problem");
		await client.getByText("There is no such visit here.").waitFor();
		assert.match(client.complaints.splice(0).join(), /^Failed to load resource: .* 404 [^,]*$/);
	});

	visiting("when the host cannot be reached it says so, and goes on when it can", async () => {
		const client = await visit("client", host.room());
		await screen(client, "check");
		host.broken = true;
		host.streams.forEach((stream) => stream.destroy());
		await client.getByRole("alert").getByText("The clinic cannot be reached").waitFor();
		host.broken = false;
		await client.locator("#alert .alert").waitFor({ state: "detached" });
		client.complaints = client.complaints.filter((text) => !/net::ERR_|EventSource/.test(text));
	});

	visiting("fits 360 pixels, with everything large enough to hit", async () => {
		const room = host.room({ fallback: LINK, clients: ["Maria del Carmen Lopez-Fernandez"] });
		const narrow = { viewport: { width: 360, height: 640 } };
		const [clinician, client] = [await visit("host", room, narrow), await visit("client", room, narrow)];
		await fits(client);
		await fits(clinician);
		await click(client, "enter");
		await screen(client, "waiting");
		await fits(client);
		await click(clinician, "enter");
		await screen(clinician, "call");
		await fits(clinician);
		await click(clinician, "people");
		await fits(clinician);
		await clinician.keyboard.press("Tab");
		await clinician.locator(".drawer [data-action=admit]").focus();
		await clinician.keyboard.press("Escape");
		assert.equal(await focused(clinician), "people");
		await click(clinician, "admit");
		await screen(client, "call");
		await fits(client);
	});
});

describe("the page in another language", { skip: missing, timeout: HANGS }, () => {
	test("says what it was given, right to left", async () => {
		const title = "افحص الكاميرا والميكروفون";
		const messages = { [keyOf("Check your camera and microphone")]: title };
		const host = await new FakeHost({ dir: "rtl", lang: "ar", messages }).listen(0);
		const browser = await launch();
		const client = await open(browser, host.as("client", host.room()));
		await client.getByRole("heading", { name: title }).waitFor();
		assert.equal(await client.locator("html").getAttribute("dir"), "rtl");
		await browser.close();
		await host.close();
	});
});

const focused = (page) => page.evaluate(() => document.activeElement.dataset.action);

/** Tabs to the control as a person without a mouse would, and uses it. */
async function press(page, name, key) {
	await page.locator(`[data-action=${name}]`).waitFor();
	for (let step = 0; step < 40 && (await focused(page)) !== name; step++) await page.keyboard.press("Tab");
	assert.equal(await focused(page), name);
	await page.keyboard.press(key);
}

async function fits(page) {
	const { wide, small } = await page.evaluate(() => {
		const targets = [...document.querySelectorAll("button, a, select")].filter((found) =>
			found.checkVisibility()
		);
		return {
			wide: document.documentElement.scrollWidth - window.innerWidth,
			small: targets
				.filter(
					(found) =>
						found.getBoundingClientRect().width < 44 || found.getBoundingClientRect().height < 44
				)
				.map((found) => `${found.dataset.action} ${found.className}`),
		};
	});
	assert.ok(wide <= 0, `${wide} pixels too wide`);
	assert.deepEqual(small, []);
}
