/* What each person sees of the others, on the fake server: arriving, away, waiting elsewhere, late, and left behind in the call. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { click, launch, missing, open, announced, screen } from "./browser.mjs";
import { FakeHost } from "./fake_host.mjs";

describe("people", { skip: missing, timeout: 180000 }, () => {
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
			await run();
			const complaints = pages.flatMap((page) => page.complaints);
			await Promise.all(pages.splice(0).map((page) => page.context().close()));
			host.waiting = [];
			assert.deepEqual(complaints, []);
		});

	async function visit(user, room, options) {
		const page = await open(browser, host.as(user, room), options);
		pages.push(page);
		return page;
	}

	async function started(given) {
		const room = host.room(given);
		const clinician = await visit("host", room);
		await click(clinician, "enter");
		await screen(clinician, "call");
		return { room, clinician };
	}

	const row = (page, seen) => page.locator(`[data-person][data-seen=${seen}]`);

	visiting("a client at the device check is shown to the host before they press Enter", async () => {
		const { room, clinician } = await started();
		const client = await visit("client", room);
		await row(clinician, "arrived").getByText("arrived, checking their device").waitFor();
		assert.match(await announced(clinician), /Maria Lopez has arrived and is checking their device/);
		await clinician.locator(".stage-word").getByText("Maria Lopez has arrived").waitFor();
		assert.equal(await clinician.locator("[data-action=admit]").count(), 0);
		await click(client, "enter");
		await clinician.locator("[data-person][data-state=Waiting]").getByText("waiting since").waitFor();
	});

	visiting(
		"a client whose page was closed is away, and is so no more when it is opened again",
		async () => {
			const { room, clinician } = await started();
			const client = await visit("client", room);
			await click(client, "enter");
			await screen(client, "waiting");
			await client.goto("about:blank");
			room.people[1].seen = Date.now() - 80000;
			host.nudge();
			await row(clinician, "away").getByText("away").waitFor();
			assert.match(await announced(clinician), /Maria Lopez is away/);
			assert.equal(await clinician.title(), "Video visit");
			await client.goto(host.as("client", room));
			await screen(client, "waiting");
			await clinician.waitForFunction(() => document.title === "(1) Video visit");
		}
	);

	visiting(
		"check and waiting screens name clinic, clinician and patient before the host has come",
		async () => {
			const client = await visit("client", host.room());
			await screen(client, "check");
			for (const name of ["Harbour Clinic", "Dr. Ada Adams", "Visit of Maria Lopez"])
				await client.locator(".details").getByText(name).waitFor();
			await click(client, "enter");
			await screen(client, "waiting");
			await client.getByText("Dr. Ada Adams is not here yet.").waitFor();
			await client.locator(".details").getByText("Harbour Clinic").waitFor();
		}
	);

	visiting("a late client reads so, and until when they can come in", async () => {
		const client = await visit("client", host.room({ opens: -25 }));
		await client
			.locator("[data-notice=late]")
			.getByText(/You are late: .* until \d/)
			.waitFor();
		const punctual = await visit("client", host.room({ opens: -10 }));
		await screen(punctual, "check");
		assert.equal(await punctual.locator("[data-notice=late]").count(), 0);
	});

	visiting("a host who left without ending sees who is still in the call, and can end it", async () => {
		const { room, clinician } = await started();
		const client = await visit("client", room);
		await click(client, "enter");
		await client.locator("[data-tile=local] video").waitFor();
		await click(clinician, "admit");
		await screen(client, "call");
		await click(clinician, "leave");
		await screen(clinician, "check");
		await clinician.getByText("Still in the call: Maria Lopez.").waitFor();
		await click(clinician, "end");
		await click(clinician, "confirm");
		await Promise.all([screen(clinician, "over"), screen(client, "over")]);
	});

	visiting("after Remove the host does not read that no one has come yet", async () => {
		const { room, clinician } = await started();
		await clinician.locator(".stage-word").getByText("Nobody else is here yet.").waitFor();
		const client = await visit("client", room);
		await click(client, "enter");
		await client.locator("[data-tile=local] video").waitFor();
		await click(clinician, "admit");
		await screen(client, "call");
		await click(clinician, "remove");
		await click(clinician, "confirm");
		await screen(client, "removed");
		await clinician.locator(".stage-word").getByText("Nobody else is in the call now.").waitFor();
	});

	visiting("the page of one visit says who waits in another, once, with the way there", async () => {
		const { room, clinician } = await started();
		host.waiting = [
			{ room: "b".repeat(32), participant: "p9", display_name: "Jonas Weber", waiting_since: null },
			{ room: room.name, participant: "p1", display_name: "Maria Lopez", waiting_since: null },
		];
		host.nudge();
		const notice = clinician.locator("[data-notice=others]");
		await notice.getByText("Jonas Weber is waiting in another visit.").waitFor();
		assert.equal(await notice.getByText("Maria Lopez").count(), 0);
		const way = clinician.locator("[data-action=other-visit]");
		assert.equal(await way.getAttribute("href"), `/visit/${"b".repeat(32)}`);
		assert.equal(await way.getAttribute("rel"), "noopener noreferrer");
		assert.match(await announced(clinician), /Jonas Weber is waiting in another visit/);
		host.waiting = [];
		host.nudge();
		await notice.waitFor({ state: "detached" });
	});

	visiting("a client's page never asks who waits elsewhere", async () => {
		const before = host.seen.length;
		const client = await visit("client", host.room());
		await click(client, "enter");
		await screen(client, "waiting");
		const calls = host.seen.slice(before).filter(({ user }) => user === "client");
		assert.ok(calls.some(({ name }) => name === "visit.here"));
		assert.ok(!calls.some(({ name }) => name === "host.waiting"));
	});
});
