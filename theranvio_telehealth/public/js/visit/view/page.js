/* Chooses the screen and puts it on the page; keeps the focus where the reader would look for it. */
import { h, render } from "preact";
import { attempt } from "../attempt.js";
import { screenOf } from "../state.js";
import { __ } from "../words.js";
import { blocked, declined, elsewhere, full, over, problem, removed } from "./end_screens.js";
import { check, early, ready, waiting } from "./lobby.js";
import { button, failed } from "./parts.js";
import { loading, stage } from "./stage.js";
import { cut, outage } from "./trouble.js";
import { unable } from "./unable.js";

/** Of a screen's own flags, `screenOf` says that they are set.
    @type {{ [screen in ScreenName]: { view(page: Page): Children }["view"] }} */
const SCREENS = {
	loading,
	problem,
	over,
	removed,
	declined,
	unable,
	elsewhere,
	full,
	early,
	blocked,
	waiting,
	outage,
	cut,
	call: stage,
	ready,
	check,
};

/** `page` is { state, flags, actions }.
    @param {HTMLElement} root
    @param {HTMLElement} alerts */
export function createPainter(root, alerts) {
	/** @type {ScreenName | null} */
	let shown = null;
	/** @type {Alert | null} */
	let alerted = null;
	return (/** @type {Page} */ page) => {
		const screen = screenOf(page.state, page.flags);
		const refocus = rememberFocus(root);
		render(
			attempt(() => main(screen, page), frame(screen, failing(page))),
			root
		);
		render(page.flags.alert ? alert(page.flags.alert, page.actions) : null, alerts);
		document.body.classList.toggle("in-call", screen === "call");
		if (shown && shown !== "loading" && shown !== screen) focusIn(root);
		else refocus();
		if (page.flags.alert && page.flags.alert !== alerted) alerts.scrollIntoView({ block: "nearest" });
		alerted = page.flags.alert;
		shown = screen;
	};
}

/** Where the focused element has gone, its surroundings' heading gets the focus.
    @param {HTMLElement} root */
function rememberFocus(root) {
	const had = document.activeElement;
	if (!had || !root.contains(had)) return () => {};
	const near = had.closest("aside, main");
	return () => !had.isConnected && focusIn(near && near.isConnected ? near : root);
}

/** @param {ScreenName} screen
    @param {Page} page */
function main(screen, page) {
	return frame(screen, SCREENS[screen](page));
}

/** @param {ScreenName} screen
    @param {Children} content */
function frame(screen, content) {
	return h(
		"main",
		{ id: "visit", "data-screen": screen },
		h("div", { key: screen, class: "screen" }, content)
	);
}

/** Of a screen that cannot be drawn: the visit goes on behind it, and can still be left.
    @param {Page} page */
function failing({ flags, actions }) {
	return h(
		"div",
		{ class: "lobby" },
		failed(),
		flags.call
			? button({ action: "leave", label: __("Leave the visit"), kind: "danger", press: actions.leave })
			: null,
		button({ action: "reload", label: __("Reload the page"), press: () => window.location.reload() })
	);
}

/** @param {Element} where */
function focusIn(where) {
	const target = /** @type {HTMLElement | null} */ (where.querySelector("[data-focus]"));
	if (target) target.focus();
}

/** @param {Alert} shown
    @param {Actions} actions */
function alert({ message }, actions) {
	return h(
		"div",
		{ class: "alert" },
		h("p", null, message),
		button({
			action: "dismiss",
			label: __("Close"),
			drawing: "close",
			kind: "round",
			bare: true,
			press: actions.dismiss,
		})
	);
}

/** Always new elements, so that the same sentence is read again when it is true again.
    @param {HTMLElement} region */
export function createAnnouncer(region) {
	return (/** @type {string[]} */ sentences) => {
		if (sentences.length) region.textContent = "";
		for (const sentence of sentences) {
			const line = document.createElement("p");
			line.textContent = sentence;
			region.append(line);
		}
	};
}
