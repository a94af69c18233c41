/* The page around a call by Amazon Chime, on the fake host: fetching it, chat, screens, many people, each way it ends. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { click, HANGS, launch, missing, open, PHONE, announced, screen } from "./browser.mjs";
import { FakeHost } from "./fake_host.mjs";
import { everythingIsSeen } from "./call_geometry.mjs";

const LINK = "https://meet.example/room";
const ADAPTER = "Amazon Chime SDK";
const DEVICES = ["camera", "microphone"];

describe("a call by Amazon Chime", { skip: missing, timeout: HANGS }, () => {
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

	const visiting = (name, run) =>
		test(name, async () => {
			try {
				await run();
				assert.deepEqual(
					pages.flatMap((page) => page.complaints),
					[]
				);
			} finally {
				Object.assign(host, { scriptless: false, forgetful: false });
				await Promise.all(pages.splice(0).map((page) => page.context().close()));
			}
		});

	async function visit(user, room, options) {
		const page = await open(browser, host.as(user, room), { permissions: DEVICES, ...options });
		pages.push(page);
		return page;
	}

	/** The host in the call, and as many clients as there are names, as far as the page can tell. */
	async function started({ options, ...given } = {}) {
		const room = host.room({ adapter: ADAPTER, ...given });
		const page = await visit("host", room, options);
		await click(page, "enter");
		await screen(page, "call");
		for (const person of room.people.slice(1))
			Object.assign(person, { state: "Admitted", attendee: "a", pseudonym: person.user });
		host.nudge();
		const clients = room.people.slice(1).map((person) => person.user);
		await page.waitForFunction((count) => window.chime.people.length === count, clients.length);
		await page.evaluate((users) => {
			window.chime.on.status("connected");
			users.forEach((user, index) =>
				window.chime.on.remote(user, {
					sound: null,
					picture: window.chime.picture(index * 50),
					audio: index % 3 !== 1,
					video: index % 4 !== 3,
				})
			);
		}, clients);
		return { room, page };
	}

	const report = (page, name, ...given) =>
		page.evaluate(([what, args]) => window.chime.on[what](...args), [name, given]);

	visiting("its script is fetched early, once, and only for its rooms", async () => {
		const fetched = [];
		const watch = (page) => page.on("request", (request) => fetched.push(request.url()));
		const { page } = await started();
		watch(page);
		const other = await visit("client", host.room());
		await screen(other, "check");
		assert.equal(await other.locator("script[src*=chime]").count(), 0);
		const early = await visit("client", host.room({ adapter: ADAPTER, opens: 30 }));
		await screen(early, "early");
		await early.waitForFunction(() => window.chime);
		await click(page, "leave");
		await click(page, "enter");
		await screen(page, "call");
		assert.deepEqual(
			fetched.filter((url) => url.includes("chime")),
			[]
		);
	});

	visiting("a script that does not load is reported, and can be tried again", async () => {
		host.scriptless = true;
		const room = host.room({ adapter: ADAPTER });
		const page = await visit("host", room);
		await click(page, "enter");
		await page.getByRole("alert").getByText("did not load").waitFor();
		await screen(page, "ready");
		assert.equal(
			host.seen.filter(({ name, body }) => name === "visit.join" && body.room === room.name).length,
			0
		);
		host.scriptless = false;
		await click(page, "join");
		await screen(page, "call");
	});

	visiting("a page from before the call came here reloads itself, but not for ever", async () => {
		host.forgetful = true;
		const room = host.room({ adapter: ADAPTER });
		const page = await visit("host", room);
		await Promise.all([page.waitForEvent("load"), click(page, "enter")]);
		await page.getByRole("alert").getByText("cannot show this kind of video").waitFor();
		await screen(page, "ready");
		host.forgetful = false;
		await page.reload();
		await screen(page, "call");
	});

	visiting("what is written goes to the others as it is, and stays nowhere", async () => {
		const { page } = await started();
		await click(page, "chat");
		await page
			.getByText(
				"Chat is gone when the call ends or this page is reloaded. It is not part of the record."
			)
			.waitFor();
		assert.equal(await focused(page), "write");
		await page.keyboard.type("Good <b>morning</b>");
		await page.keyboard.press("Shift+Enter");
		await page.keyboard.type("second line");
		await page.keyboard.press("Enter");
		const mine = page.locator("[data-line=mine]");
		assert.equal(await mine.locator("p").innerText(), "Good <b>morning</b>\nsecond line");
		assert.deepEqual(await page.evaluate(() => window.chime.sent), ["Good <b>morning</b>\nsecond line"]);
		assert.equal(await page.locator("[data-action=write]").inputValue(), "");
		await click(page, "send");
		assert.equal(await mine.count(), 1);
		await page.locator("[data-action=write]").fill("é".repeat(1100));
		await click(page, "send");
		await page.getByRole("alert").getByText("too long").waitFor();
		assert.equal((await page.locator("[data-action=write]").inputValue()).length, 1100);
		const stored = await page.evaluate(() =>
			JSON.stringify([{ ...localStorage }, { ...sessionStorage }])
		);
		assert.ok(!stored.includes("morning"));
		await page.reload();
		await screen(page, "call");
		await click(page, "chat");
		assert.equal(await page.locator("[data-line]").count(), 0);
	});

	visiting("what cannot be sent stays where it was typed", async () => {
		const { page } = await started();
		await page.evaluate(() => (window.chime.takes = false));
		await click(page, "chat");
		await page.locator("[data-action=write]").fill("hello");
		await click(page, "send");
		await page.getByRole("alert").getByText("was not sent").waitFor();
		assert.equal(await page.locator("[data-action=write]").inputValue(), "hello");
		assert.equal(await page.locator("[data-line]").count(), 0);
	});

	visiting(
		"a chat message is announced, counted while unseen, and the chat closes by keyboard",
		async () => {
			const { page } = await started();
			await report(page, "message", "client", "<img src=x onerror=alert(1)>");
			await report(page, "message", "client", "two");
			assert.match(await announced(page), /Maria Lopez writes: two/);
			await page.getByRole("button", { name: "Chat, 2 unread" }).click();
			assert.equal(await page.locator("[data-line=theirs]").count(), 2);
			assert.equal(await page.locator("#chat img").count(), 0);
			await page.keyboard.press("Escape");
			assert.equal(await focused(page), "chat");
			await page.getByRole("button", { name: "Chat", exact: true }).waitFor();
			await click(page, "people");
			await click(page, "chat");
			assert.equal(await page.locator("#queue").count(), 0);
		}
	);

	visiting("a shared screen is large, named and announced; one at a time", async () => {
		const { page } = await started();
		await click(page, "share");
		await page.locator("[data-notice=sharing]").waitFor();
		assert.match(await announced(page), /You are sharing your screen/);
		await click(page, "stop-share");
		await page.locator("[data-notice=sharing]").waitFor({ state: "detached" });
		await page.evaluate(() => window.chime.on.screen("client", window.chime.picture(200)));
		await page.locator("[data-tile=screen]").getByText("Screen of Maria Lopez").waitFor();
		assert.match(await announced(page), /Maria Lopez is sharing their screen/);
		const [large, small] = await page.evaluate(() =>
			["screen", "remote"].map((tile) =>
				document.querySelector(`[data-tile=${tile}]`).getBoundingClientRect()
			)
		);
		assert.ok(large.width * large.height > 4 * small.width * small.height);
		const button = page.locator("[data-action=share]");
		assert.equal(await button.getAttribute("aria-disabled"), "true");
		assert.equal(await button.getAttribute("aria-label"), "Maria Lopez is sharing their screen.");
		await report(page, "screen", "client", null);
		assert.equal(await button.getAttribute("aria-disabled"), null);
		await page.evaluate(() => (window.chime.takes = false));
		await click(page, "share");
		await page.getByRole("alert").getByText("Your screen could not be shared").waitFor();
	});

	visiting("who may not share has no button for it", async () => {
		const { page } = await started({ shares: false });
		assert.equal(await page.locator("[data-action=share]").count(), 0);
	});

	visiting("the sound of all is played, also after another stream has taken its place", async () => {
		const { page } = await started();
		const sounds = () =>
			page.evaluate(() => {
				const context = new AudioContext();
				const { stream } = context.createMediaStreamDestination();
				window.chime.on.sound(stream);
				const audio = document.querySelector("main audio");
				return audio.srcObject === stream;
			});
		assert.equal(await sounds(), true);
		assert.equal(await sounds(), true);
		await page.waitForFunction(() => !document.querySelector("main audio").paused);
	});

	visiting("the speaker is marked, a weak connection and a lost one are announced", async () => {
		const { page } = await started({ clients: ["Maria Lopez", "Tom Ng"] });
		await report(page, "speaking", ["client1"]);
		assert.equal(await page.locator("[data-tile=remote][data-speaking]").count(), 1);
		await report(page, "poor", true);
		await page.locator("[data-notice=weak]").waitFor();
		assert.match(await announced(page), /Your connection is weak/);
		await report(page, "poor", false);
		assert.equal(await page.locator("[data-notice=weak]").count(), 0);
		await report(page, "status", "reconnecting");
		assert.match(await announced(page), /Reconnecting/);
		await page.locator(".stage-status").getByText("Reconnecting").waitFor();
		await report(page, "status", "connected");
		assert.match(await announced(page), /is back/);
		await report(page, "unseen");
		await page.getByRole("alert").getByText("Too many cameras").waitFor();
	});

	for (const [size, options] of [
		["desktop", {}],
		["phone", { viewport: PHONE, hasTouch: true }],
		["small phone", { viewport: { width: 360, height: 640 } }],
	])
		visiting(`eight people fit a ${size}, and a screen too`, async () => {
			const clients = ["Maria Lopez", "Tom Ng", "Ida B.", "Ana Ray", "Li Wei", "Jo Fox", "Kim"];
			const { page } = await started({ clients, options });
			for (const layout of ["many", "screen"]) {
				await page.locator(`[data-layout=${layout}]`).waitFor();
				await everythingIsSeen(page);
				await page.evaluate(() => window.chime.on.screen("client", window.chime.picture(200)));
			}
			await click(page, "chat");
			assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
		});

	describe("ends", () => {
		for (const [end, name, title] of [
			[{ way: "elsewhere" }, "elsewhere", /in another tab/],
			[{ way: "full" }, "full", /full/],
			[{ way: "cut", why: "connection" }, "cut", /interrupted/],
			[{ way: "out" }, "ready", /You can join now/],
		])
			visiting(`${end.way}: says so, and leads on`, async () => {
				const { page } = await started({ fallback: LINK });
				await report(page, "ended", end);
				await screen(page, name);
				assert.match(await page.locator("h1").innerText(), title);
				assert.equal(await page.evaluate(() => window.chime.closed), 1);
				assert.equal(await page.evaluate(() => document.activeElement.tagName), "H1");
				await click(page, "join");
				await screen(page, "call");
			});

		visiting("and the host's state decides what it was", async () => {
			const { page, room } = await started();
			room.status = "Ended";
			await report(page, "ended", { way: "out" });
			await screen(page, "over");
		});
	});

	visiting("a call that moves is joined again, whether server or page notices first", async () => {
		const { page, room } = await started();
		const joined = () =>
			host.seen.filter(({ name, body }) => name === "visit.join" && body.room === room.name).length;
		room.call = "2";
		host.nudge();
		await page.waitForFunction(() => window.chime.closed === 1);
		await screen(page, "call");
		assert.match(await announced(page), /The call has moved/);
		assert.equal(joined(), 2);
		room.call = "3";
		await report(page, "ended", { way: "out" });
		await page.waitForFunction(() => window.chime.closed === 2);
		await screen(page, "call");
		assert.equal(joined(), 3);
		Object.assign(room, { call: "4" });
		room.people[0].attendee = "given up";
		await page.waitForFunction(() => window.chime.closed === 3);
		await screen(page, "call");
		assert.equal(joined(), 4);
	});

	visiting(
		"a host whom no provider answers is pointed to the fallback, which the others are then offered",
		async () => {
			const room = host.room({ adapter: ADAPTER, fallback: LINK });
			room.down = true;
			const [page, client] = [await visit("host", room), await visit("client", room)];
			await page
				.context()
				.route("https://meet.example/**", (route) =>
					route.fulfill({ body: "there", contentType: "text/html" })
				);
			await click(client, "enter");
			await click(page, "enter");
			await screen(page, "outage");
			await page.getByText("The video service does not answer right now.").waitFor();
			assert.equal(await page.locator("#alert .alert").count(), 0);
			await click(page, "admit");
			await screen(client, "outage");
			assert.equal(await client.locator("[data-action=fallback-link]").count(), 0);
			assert.equal(await client.getByText("fallback").count(), 0);
			const opening = page.context().waitForEvent("page");
			await click(page, "meet-elsewhere");
			const other = await opening;
			await other.waitForLoadState();
			assert.equal(other.url(), LINK);
			assert.equal(await other.evaluate(() => window.opener), null);
			await client.locator(`[data-action=fallback-link][href="${LINK}"]`).waitFor();
			assert.equal(room.offered, true);
			await screen(page, "outage");
			room.down = false;
			await click(page, "join");
			await screen(page, "call");
		}
	);

	visiting(
		"a host without a fallback reads what to do; a client's page tries again by itself",
		async () => {
			const room = host.room({ adapter: ADAPTER });
			room.down = true;
			const page = await visit("host", room);
			await click(page, "enter");
			await screen(page, "outage");
			await page.getByText("add a fallback link to the appointment").waitFor();
			assert.equal(await page.locator("[data-action=meet-elsewhere]").count(), 0);
			const client = await visit("client", room);
			await click(client, "enter");
			await click(page, "admit");
			await screen(client, "outage");
			room.down = false;
			await client.locator("main[data-screen=call]").waitFor();
			await screen(page, "outage");
		}
	);
});

const focused = (page) => page.evaluate(() => document.activeElement.dataset.action);
