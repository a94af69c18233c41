/* The screens outside the visit: what has happened, in one sentence, and a way on. */
import { h } from "preact";
import { endingOf } from "../endings.js";
import { isHost, isOffered } from "../state.js";
import { __ } from "../words.js";
import { icon } from "./icons.js";
import { elsewhereWaiting } from "./elsewhere.js";
import { button, fallbackLink, heading, offer, part } from "./parts.js";
import { queue } from "./queue.js";

/** @param {{ drawing: Drawing, title: string, text: string }} screen
    @param {...Children} ways */
export function out({ drawing, title, text }, ...ways) {
	return h(
		"div",
		{ class: "lobby" },
		h(
			"div",
			{ class: "card out" },
			h("span", { class: "emblem" }, icon(drawing)),
			heading(title),
			h("p", { class: "lead" }, text),
			h("div", { class: "ways" }, ways)
		)
	);
}

/** @param {Page} page */
export function home({ flags }, kind = "primary") {
	return h(
		"a",
		{ class: `button ${kind}`, "data-action": "home", href: flags.home },
		h(
			"span",
			null,
			flags.home.startsWith("/video-visits") ? __("Back to your visits") : __("Back to the clinic")
		)
	);
}

/** @param {Page} page */
export function over(page) {
	return out(endingOf(page.state), home(page));
}

/** @param {Page} page */
export function declined(page) {
	const title = __("The clinician cannot see you now");
	return out(
		{ drawing: "door", title, text: __("Please contact the clinic to find another time.") },
		home(page)
	);
}

/** @param {Page} page */
export function removed(page) {
	const title = __("The clinician has ended your part in this visit");
	return out(
		{ drawing: "door", title, text: __("Please contact the clinic if you have questions.") },
		home(page)
	);
}

/** @param {Page} page */
export function elsewhere(page) {
	const title = __("You joined this visit in another tab or on another device");
	const flags = button({
		action: "join",
		label: __("Continue here instead"),
		kind: "primary",
		busy: page.flags.joining,
		press: page.actions.join,
	});
	return out(
		{ drawing: "tabs", title, text: __("You can close this one, or continue here.") },
		flags,
		home(page, "plain")
	);
}

/** @param {PageWith<"full">} page */
export function full(page) {
	const again = button({
		action: "join",
		label: __("Try again"),
		kind: "primary",
		busy: page.flags.joining,
		press: page.actions.join,
	});
	const other = isHost(page.state) ? fallbackLink(page.state, "plain") : offer(page);
	return besideQueue(
		page,
		out({ drawing: "people", title: __("The call is full"), text: page.flags.full }, again, other)
	);
}

/** @param {Page} page */
export function blocked(page) {
	const title = __("Video cannot be started here");
	const { state } = page;
	if (!isHost(state)) return out({ drawing: "lock", title, text: BLOCKED.client() }, mayCome(page));
	return besideQueue(
		page,
		out({ drawing: "lock", title, text: BLOCKED.host() }, fallbackLink(state, "primary"))
	);
}

/** The host's sentence says what a clinic can do about it: a client cannot. */
const BLOCKED = {
	client: () => __("This clinic does not offer video on this page yet. Your appointment stands."),
	host: () =>
		__(
			"Embedded video is switched off here until the clinic's agreements for US health information are in order. The appointment stands: use the fallback link."
		),
};

/** @param {Page} page */
function mayCome(page) {
	if (isOffered(page.state)) return offer(page);
	const hint = __("If the clinician offers another way to meet, you will find it here.");
	return [h("p", null, hint), home(page, "plain")];
}

/** @param {PageWith<"problem">} page */
export function problem(page) {
	const { code, message } = page.flags.problem;
	const reload = button({
		action: "reload",
		label: __("Reload the page"),
		kind: "primary",
		press: () => window.location.reload(),
	});
	return out(
		{ drawing: "warning", title: __("This visit cannot be shown"), text: message },
		code === "csrf" ? reload : null,
		home(page, code === "csrf" ? "plain" : "primary")
	);
}

/** @param {Page} page
    @param {Children} screen */
export function besideQueue(page, screen) {
	if (!isHost(page.state)) return screen;
	return h("div", { class: "beside" }, part(elsewhereWaiting, page), screen, part(queue, page));
}
