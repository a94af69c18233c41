/* The call: the others' pictures, one's own, the controls; for the host the panel beside it. */
import { hostOf, initialsOf, isHost, personOf, siteOf, waitingOf } from "../state.js";
import { __ } from "../words.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { cameraButton, deviceProblems, devicesButton, micButton, ownPicture } from "./own.js";
import { button, heading, note, offer, outward, times } from "./parts.js";
import { queue } from "./queue.js";

export function stage(page) {
	const { state, here } = page;
	const panel = isHost(state) && here.panel;
	return h(
		"div",
		{ class: panel ? "stage with-queue" : "stage", "data-status": here.call.status },
		h("h1", { class: "sr", tabindex: "-1", "data-focus": true }, __("The visit")),
		h("div", { class: "floor" }, top(page), here.call.link ? outside(page) : tiles(page), below(page)),
		panel ? drawer(page) : null
	);
}

function top(page) {
	const { state, here } = page;
	return h(
		"div",
		{ class: "stage-top" },
		h("span", { class: "fact" }, icon("clock"), times(state, here.lang)),
		state.provider.end_to_end_encrypted
			? h("span", { class: "fact" }, icon("shield"), __("End-to-end encrypted"))
			: null,
		h("div", { class: "banners" }, knocking(page), offer(page), deviceTrouble(here))
	);
}

function deviceTrouble({ local, call }) {
	const texts = call.link ? [] : deviceProblems(local.problems);
	return texts.length ? note(texts.join(" ")) : null;
}

/** With the panel closed, whoever waits is shown over the picture. */
function knocking({ state, here, acts }) {
	const [first] = waitingOf(state);
	if (!isHost(state) || here.panel || !first) return null;
	return h(
		"section",
		{ class: "knock", "aria-label": __("Waiting") },
		h("p", null, __("{0} is waiting to be let in.", [first.display_name])),
		button({
			act: "admit",
			label: __("Admit"),
			kind: "primary small",
			busy: here.busy.has(`admit:${first.participant}`),
			press: () => acts.onPerson("admit", first),
		})
	);
}

function tiles({ state, here, acts }) {
	const remotes = [...here.call.remotes];
	return h(
		"div",
		{ class: "tiles" },
		h(
			"div",
			{ class: "others", "data-count": String(remotes.length) },
			remotes.length
				? remotes.map(([pseudonym, remote]) => other(state, here, pseudonym, remote))
				: h("div", { key: "nobody", class: "nobody" }, absent(state, here))
		),
		h(
			"p",
			{ class: "stage-status", hidden: !remotes.length || here.call.status === "connected" },
			statusText(state, here)
		),
		here.quiet
			? button({ act: "hear", label: __("Turn on sound"), kind: "primary", press: acts.hear })
			: null,
		h("figure", { class: "tile own", "data-tile": "local" }, ownPicture(here.local))
	);
}

function other(state, here, pseudonym, remote) {
	const person = personOf(state, pseudonym);
	const name = person ? person.display_name : "";
	return h(
		"figure",
		{ key: pseudonym, class: "tile", "data-tile": "remote", "data-video": remote.video ? "on" : "off" },
		h("video", {
			muted: true,
			autoplay: true,
			playsinline: true,
			srcObject: remote.picture,
			"aria-label": name,
		}),
		h("audio", { srcObject: remote.sound, ref: here.play }),
		remote.video ? null : h("span", { class: "avatar big", "aria-hidden": "true" }, initialsOf(name)),
		h(
			"figcaption",
			null,
			remote.audio ? null : [icon("mic-off"), h("span", { class: "sr" }, __("Microphone off"), " ")],
			h("span", null, name)
		)
	);
}

function absent(state, here) {
	const person = awaited(state);
	return [
		h(
			"span",
			{ class: "avatar big", "aria-hidden": "true" },
			person ? initialsOf(person.display_name) : icon("people")
		),
		h("p", { class: "stage-word" }, statusText(state, here)),
	];
}

/** The one person whose picture is missing, if it is clear who that is. */
function awaited(state) {
	if (!isHost(state)) return hostOf(state);
	const admitted = state.people.filter((person) => person.state === "Admitted");
	return admitted.length === 1 ? admitted[0] : null;
}

function statusText(state, here) {
	const { status } = here.call;
	if (status === "trouble")
		return state.fallback
			? __(
					"The connection does not come about. We keep trying; meanwhile you can use the fallback link."
				)
			: __(
					"The connection does not come about. We keep trying; check your network, or call the clinic."
				);
	if (status === "reconnecting") return __("The connection was lost. Reconnecting…");
	if (status === "connecting") return __("Connecting…");
	return aloneText(state);
}

function aloneText(state) {
	const person = awaited(state);
	if (person) return __("{0} is not in the call at the moment.", [person.display_name]);
	return waitingOf(state).length ? __("Somebody is waiting to be let in.") : __("Nobody else is here yet.");
}

function outside({ here }) {
	return h(
		"div",
		{ class: "outside" },
		icon("tabs"),
		h(
			"p",
			{ class: "stage-word" },
			__("The visit takes place at {0}, in another tab.", [siteOf(here.call.link)])
		),
		outward({ url: here.call.link, act: "open-link", label: __("Open it again"), kind: "primary" })
	);
}

function below(page) {
	const { here, acts, state } = page;
	const own = here.call.link ? [] : [micButton, cameraButton, devicesButton];
	return h(
		"div",
		{ class: "controls", role: "group", "aria-label": __("Call controls") },
		own.map((control) => control({ local: here.local, acts })),
		isHost(state) ? peopleButton(page) : null,
		button({
			act: "leave",
			label: __("Leave the visit"),
			drawing: "leave",
			kind: "round danger",
			bare: true,
			busy: here.busy.has("leave"),
			press: acts.leave,
		})
	);
}

function peopleButton({ state, here, acts }) {
	const count = waitingOf(state).length;
	return h(
		"span",
		{ class: "badged" },
		button({
			act: "people",
			label: count ? __("People, {0} waiting", [count]) : __("People"),
			drawing: "people",
			kind: here.panel ? "round on" : "round",
			bare: true,
			"aria-expanded": here.panel,
			"aria-controls": "queue",
			press: acts.panel,
		}),
		count ? h("span", { class: "badge", "aria-hidden": "true" }, String(count)) : null
	);
}

function drawer(page) {
	const close = page.acts.closePanel;
	return h(
		"div",
		{ class: "drawer", on: { keydown: (event) => event.key === "Escape" && close() } },
		button({
			act: "close-people",
			label: __("Close"),
			drawing: "close",
			kind: "round",
			bare: true,
			press: close,
		}),
		queue(page)
	);
}

export function loading() {
	return h("div", { class: "lobby" }, h("div", { class: "card" }, heading(__("One moment…"))));
}
