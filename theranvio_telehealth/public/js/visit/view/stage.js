/* The call: the others' pictures, one's own, the controls; beside it the host's panel or the chat. */
import { h } from "preact";
import { isHost, siteOf, waitingOf } from "../state.js";
import { __ } from "../words.js";
import { chat } from "./chat.js";
import { controls } from "./controls.js";
import { elsewhereWaiting } from "./elsewhere.js";
import { icon } from "./icons.js";
import { deviceProblems } from "./device_words.js";
import { limit } from "./limit.js";
import { button, heading, note, offer, outward, part, times } from "./parts.js";
import { queue } from "./queue.js";
import { standing, tiles } from "./tiles.js";

/** @param {CallPage} page */
export function stage(page) {
	const { flags } = page;
	const aside = beside(page);
	return h(
		"div",
		{ class: aside ? "stage with-queue" : "stage", "data-status": flags.call.status },
		h("h1", { class: "sr", tabindex: "-1", "data-focus": true }, __("The visit")),
		h(
			"div",
			{ class: "floor" },
			part(top, page),
			part(flags.call.link ? outside : tiles, page),
			part(controls, page)
		),
		aside
	);
}

/** @param {CallPage} page */
function top(page) {
	const { state, flags } = page;
	return h(
		"div",
		{ class: "stage-top" },
		h("span", { class: "detail" }, icon("clock"), times(state, flags.lang)),
		protection(state.provider),
		h(
			"div",
			{ class: "banners" },
			flags.call.link ? null : standing(page),
			knocking(page),
			limit(page, { isAlone: !flags.panel }),
			part(elsewhereWaiting, page),
			offer(page),
			deviceTrouble(flags),
			weak(flags),
			ownScreen(page)
		)
	);
}

/** What protects the call. Of a call that is not on this page there is nothing to say.
    @param {ProviderState} provider */
function protection({ end_to_end_encrypted: isSealed, carrier }) {
	if (!isSealed && !carrier) return null;
	const text = isSealed
		? __("End-to-end encrypted")
		: __("Encrypted in transit, through {0}'s servers", [carrier]);
	return h("span", { class: "detail" }, icon("shield"), text);
}

/** @param {CallPage["flags"]} flags */
function deviceTrouble({ local, call }) {
	const texts = call.link ? [] : deviceProblems(local);
	return texts.length ? note(texts.join(" ")) : null;
}

/** @param {CallPage["flags"]} flags */
function weak({ call, local }) {
	if (!call.poor) return null;
	const text = local.about().video
		? __("Your connection is weak. Turning your camera off may help.")
		: __("Your connection is weak. The others may not understand you well.");
	return h("div", { "data-notice": "weak" }, note(text, "signal"));
}

/** @param {CallPage} page */
function ownScreen({ flags, actions }) {
	if (!flags.call.sharing) return null;
	return h(
		"section",
		{ class: "knock", "data-notice": "sharing", "aria-label": __("Screen sharing") },
		h("p", null, __("You are sharing your screen.")),
		button({
			action: "stop-share",
			label: __("Stop sharing"),
			kind: "primary small",
			press: actions.share,
		})
	);
}

/** With the panel closed, people who wait are shown over the picture.
    @param {CallPage} page */
function knocking({ state, flags, actions }) {
	const [first] = waitingOf(state);
	if (!isHost(state) || flags.panel || !first) return null;
	return h(
		"section",
		{ class: "knock", "aria-label": __("Waiting") },
		h("p", null, __("{0} is waiting to be let in.", [first.display_name])),
		button({
			action: "admit",
			label: __("Admit"),
			kind: "primary small",
			busy: flags.busy.has(`admit:${first.participant}`),
			press: () => actions.onPerson("admit", first),
		})
	);
}

/** @param {CallPage} page */
function outside({ flags }) {
	const link = /** @type {string} */ (flags.call.link);
	return h(
		"div",
		{ class: "outside" },
		icon("tabs"),
		h("p", { class: "stage-word" }, __("The visit takes place at {0}, in another tab.", [siteOf(link)])),
		outward({ url: link, action: "open-link", label: __("Open it again"), kind: "primary" })
	);
}

/** @param {CallPage} page */
function beside(page) {
	const { state, flags } = page;
	if (flags.chat && flags.call.sendMessage) return drawer(page, "close-chat", part(chat, page));
	return isHost(state) && flags.panel ? drawer(page, "close-people", part(queue, page)) : null;
}

/** @param {CallPage} page
    @param {string} action
    @param {Children} content */
function drawer({ actions }, action, content) {
	const close = actions.closeBeside;
	return h(
		"div",
		{ key: action, class: "drawer", onKeyDown: (event) => event.key === "Escape" && close() },
		button({ action, label: __("Close"), drawing: "close", kind: "round", bare: true, press: close }),
		content
	);
}

export function loading() {
	return h("div", { class: "lobby" }, h("div", { class: "card" }, heading(__("One moment…"))));
}
