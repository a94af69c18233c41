/* Small pieces that every screen is made of. */
import { h } from "preact";
import { attempt } from "../attempt.js";
import { foreignZone, nameOfZone, timeOf } from "../clock.js";
import { isHost, isOffered, safeUrl, siteOf } from "../state.js";
import { __ } from "../words.js";
import { icon } from "./icons.js";

/** `action` names it for tests; `busy` keeps it on the page, so that it keeps the focus, but idle.
    @param {ButtonSpec} given */
export function button(given) {
	const { action, label, press, drawing, kind, busy, bare, attributes } = { ...PLAIN, ...given };
	const all = {
		type: "button",
		class: `button ${kind}`,
		"data-action": action,
		"aria-disabled": busy || null,
		onClick: (/** @type {MouseEvent} */ event) => !busy && press(event),
		...(bare ? { "aria-label": label, title: label } : {}),
		...attributes,
	};
	return h("button", all, drawing && icon(drawing), bare ? null : h("span", null, label));
}

/** @type {Pick<Required<ButtonSpec>, "drawing" | "kind" | "busy" | "bare" | "attributes">} */
const PLAIN = { drawing: null, kind: "quiet", busy: false, bare: false, attributes: {} };

/** One part of a screen: where it cannot be drawn, a message stands in its place, and the rest stays.
    @template {Page} P
    @param {(page: P) => Children} view
    @param {P} page */
export function part(view, page) {
	return attempt(() => view(page), failed());
}

export function failed() {
	return note(
		__("This part of the page cannot be shown. The visit goes on; reload the page to try again.")
	);
}

/** @param {{ action: string, label: string, on: boolean, press: () => void, hint?: string | null }} toggled */
export function toggle({ action, label, on, press, hint = null }) {
	return h(
		"button",
		{
			type: "button",
			class: "switch",
			role: "switch",
			"data-action": action,
			"aria-checked": on,
			onClick: press,
		},
		h("span", { class: "switch-text" }, label, hint ? h("small", null, hint) : null),
		h("span", { class: "switch-track", "aria-hidden": "true" }, h("span", { class: "switch-thumb" }))
	);
}

/** @param {string} text */
export function heading(text) {
	return h("h1", { tabindex: "-1", "data-focus": true }, text);
}

/** A link that opens elsewhere and takes nothing along.
    @param {{ url: string, action: string, label: string, kind?: string, press?: (() => void) | null }} link */
export function outward({ url, action, label, kind = "plain", press = null }) {
	const href = safeUrl(url);
	if (!href) return null;
	const attributes = {
		class: `button ${kind}`,
		"data-action": action,
		href,
		target: "_blank",
		rel: "noopener noreferrer",
		onClick: press,
	};
	return h(
		"a",
		attributes,
		icon("link"),
		h("span", null, label, h("span", { class: "sr" }, " ", __("(opens in a new tab)")))
	);
}

/** @param {VisitState} state
    @param {string} kind */
export function fallbackLink(state, kind) {
	if (!state.fallback || !safeUrl(state.fallback.url)) return null;
	const label = __("Open {0}", [siteOf(state.fallback.url)]);
	return outward({ url: state.fallback.url, action: "fallback-link", label, kind });
}

/** For those who are not the host: the other way to meet, once it is offered.
    @param {Page} page */
export function offer({ state }) {
	if (!isOffered(state) || isHost(state)) return null;
	return h(
		"section",
		{ class: "offer", "aria-label": __("Another way to meet") },
		h("p", null, __("The clinician offers another way to meet.")),
		fallbackLink(state, "primary")
	);
}

/** The clinic's time as everywhere else; where the reader's clock shows another, both, and whose each is.
    @param {VisitState} state
    @param {string} lang */
export function times(state, lang) {
	const zone = clinicZone(state);
	if (!zone) return span(state, lang);
	return __("{0} at the clinic ({1}), {2} where you are", [
		span(state, lang, zone),
		nameOfZone(zone),
		span(state, lang),
	]);
}

/** @param {VisitState} state
    @param {string} lang
    @param {string} [zone] */
function span({ starts_on: starts, ends_on: ends }, lang, zone) {
	return `${timeOf(starts, lang, zone)} – ${timeOf(ends, lang, zone)}`;
}

/** The clinic's time of an instant, with its zone where that is not the reader's own.
    @param {VisitState} state
    @param {string} instant
    @param {string} lang */
export function clinicTime(state, instant, lang) {
	const zone = clinicZone(state);
	return named(timeOf(instant, lang, zone), zone);
}

/** @param {string} time
    @param {string | undefined} zone */
export function named(time, zone) {
	return zone ? `${time} (${nameOfZone(zone)})` : time;
}

/** @param {VisitState} state */
export function clinicZone(state) {
	return foreignZone(state.about && state.about.zone, state.starts_on);
}

/** @param {string} text
    @param {Drawing} [drawing]
    @param {string} [kind] */
export function note(text, drawing = "warning", kind = "caution") {
	return h("p", { class: `note ${kind}` }, icon(drawing), h("span", null, text));
}

const created = new WeakSet();

/** A `ref` that is called once for each element, when it is on the page.
    @template {Element} E
    @param {(element: E) => void} handler */
export function onceOn(handler) {
	return (/** @type {E | null} */ element) => {
		if (!element || created.has(element)) return;
		created.add(element);
		handler(element);
	};
}

/** A picture without sound, which is somewhere else on the page.
    @param {MediaStream | null} stream
    @param {string} label */
export function picture(stream, label) {
	const attributes = {
		muted: true,
		autoplay: true,
		playsinline: true,
		"aria-label": label,
		ref: plays(stream),
	};
	return h("video", attributes);
}

/** A `ref` for what an element plays: preact cannot take `srcObject` away again. `once` is called with a new element.
    @param {MediaStream | null} stream
    @param {(element: HTMLAudioElement) => void} [once] */
export function plays(stream, once = () => {}) {
	const begin = onceOn(once);
	return (/** @type {HTMLAudioElement | null} */ element) => {
		if (!element) return;
		if (element.srcObject !== stream) element.srcObject = stream;
		begin(element);
	};
}
