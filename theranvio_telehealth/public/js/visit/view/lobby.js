/* The screens before the call: too early, device check, waiting room, ready to join. */
import { h } from "preact";
import { momentOf, timeOf } from "../clock.js";
import { ARRIVING } from "../announcements.js";
import {
	arrivingOf,
	awayOf,
	hostIsHere,
	hostOf,
	inCallOf,
	isEmbedded,
	isHost,
	isLate,
	waitingOf,
} from "../state.js";
import { __ } from "../words.js";
import { icon } from "./icons.js";
import { limit } from "./limit.js";
import { queue } from "./queue.js";
import { preview } from "./self_view.js";
import { elsewhereWaiting } from "./elsewhere.js";
import { home } from "./end_screens.js";
import { button, clinicTime, clinicZone, heading, named, note, offer, part, times } from "./parts.js";

/** @param {Page} page
    @param {...Children} content */
function lobby(page, ...content) {
	const aside = isEmbedded(page.state) ? part(preview, page) : null;
	return h(
		"div",
		{ class: isHost(page.state) ? "lobby with-queue" : "lobby" },
		part(elsewhereWaiting, page),
		h(
			"div",
			{ class: aside ? "card two" : "card" },
			aside,
			h("div", { class: "words" }, putOut(page), content, limit(page), offer(page))
		),
		isHost(page.state) ? part(queue, page) : null
	);
}

/** The clinic moved the visit, say: one was in, and is not any more.
    @param {Page} page */
function putOut({ flags }) {
	if (!flags.putOut) return null;
	return h(
		"div",
		{ "data-notice": "put-out" },
		note(__("The clinic changed this visit, and you are outside again."), "calendar", "calm")
	);
}

/** @param {Page} page */
export function early(page) {
	return lobby(
		page,
		heading(opening(page)),
		part(ownOpening, page),
		h("p", { class: "lead" }, __("Keep this page open. It goes on by itself.")),
		part(withWhom, page)
	);
}

/** @param {Page} page */
function opening({ state, flags }) {
	const zone = clinicZone(state);
	const at = named(momentOf(state.opens_on, state.now, flags.lang, zone), zone);
	return isHost(state) ? __("The visit opens at {0}.", [at]) : __("Your visit opens at {0}.", [at]);
}

/** @param {Page} page */
function ownOpening({ state, flags }) {
	if (!clinicZone(state)) return null;
	const own = momentOf(state.opens_on, state.now, flags.lang);
	return h("p", { class: "detail" }, icon("clock"), __("Your time: {0}", [own]));
}

/** @param {Page} page */
export function check(page) {
	return isHost(page.state) ? hostCheck(page) : clientCheck(page);
}

/** @param {Page} page */
function hostCheck(page) {
	const { state, flags, actions } = page;
	return lobby(
		page,
		heading(state.status === "Live" ? __("The visit is going on") : __("Ready to start the visit?")),
		h("p", { class: "lead" }, whoIsThere(state)),
		part(withWhom, page),
		button({
			action: "enter",
			label: state.status === "Live" ? __("Come back to the visit") : __("Start the visit"),
			kind: "primary",
			busy: flags.busy.has("enter") || flags.joining,
			press: actions.enter,
		})
	);
}

/** Those in the call come first: a host who left without ending it has left them there.
    @param {VisitState} state */
function whoIsThere(state) {
	const inCall = inCallOf(state).map((person) => person.display_name);
	if (inCall.length) return __("Still in the call: {0}.", [inCall.join(", ")]);
	if (waitingOf(state).length) return __("Somebody is waiting for you.");
	const [arriving] = arrivingOf(state);
	if (arriving) return ARRIVING(arriving);
	const [away] = awayOf(state);
	if (away) return __("{0} was waiting and is away.", [away.display_name]);
	return state.status === "Live" ? __("Nobody is in the call.") : __("Nobody is waiting yet.");
}

/** @param {Page} page */
function clientCheck(page) {
	const { state } = page;
	const left = state.me.state === "Left";
	return lobby(
		page,
		steps(1),
		heading(left ? __("You have left the visit") : welcome(state)),
		h("p", { class: "lead" }, left ? wayBack(state) : nextStep(state)),
		part(withWhom, page),
		part(late, page),
		state.locked ? note(__("The clinician has locked the visit for now."), "lock", "calm") : enter(page),
		left ? home(page, "plain") : null
	);
}

/** @param {Page} page */
function enter({ flags, actions }) {
	return button({
		action: "enter",
		label: __("Enter the waiting room"),
		kind: "primary",
		busy: flags.busy.has("enter"),
		press: actions.enter,
	});
}

/** @param {VisitState} state */
function wayBack({ locked }) {
	return locked
		? __("You can come back when the clinician unlocks the visit.")
		: __("You can come back as long as it is open.");
}

/** @param {VisitState} state */
function welcome(state) {
	return isEmbedded(state) ? __("Check your camera and microphone") : __("Your visit is open");
}

/** @param {VisitState} state */
function nextStep(state) {
	return isEmbedded(state)
		? __("Then enter the waiting room. The clinician lets you in from there.")
		: __("Enter the waiting room. The clinician lets you in from there.");
}

/** @param {Page} page */
export function waiting(page) {
	const { state, flags, actions } = page;
	const since = state.me.waiting_since;
	return lobby(
		page,
		steps(2),
		heading(
			flags.sentBack ? __("The clinician asked you to wait again") : __("You are in the waiting room")
		),
		presence(state),
		part(withWhom, page),
		part(late, page),
		h("p", null, whatNext(page)),
		since
			? h("p", { class: "detail" }, icon("clock"), __("Waiting since {0}", [timeOf(since, flags.lang)]))
			: null,
		notify(page),
		button({
			action: "leave",
			label: __("Leave the waiting room"),
			busy: flags.busy.has("leave"),
			press: actions.leave,
		})
	);
}

/** Offered, never asked for unbidden; gone once answered.
    @param {Page} page */
function notify({ actions }) {
	if (!actions.mayNotify()) return null;
	return button({
		action: "notify",
		label: __("Notify me when I am let in"),
		drawing: "bell",
		kind: "plain",
		press: actions.notify,
	});
}

/** @param {VisitState} state */
function presence(state) {
	const isHere = hostIsHere(state);
	const text = isHere
		? __("{0} is here and will let you in.", [hostOf(state).display_name])
		: absence(state, hostOf(state));
	return h(
		"p",
		{ class: "presence", "data-here": String(isHere) },
		h("span", { class: "dot", "aria-hidden": "true" }),
		text
	);
}

/** @param {VisitState} state
    @param {ParticipantEntry | null} host */
function absence(state, host) {
	const name = state.about.clinician;
	if (host && host.state === "Left") return __("{0} is not here at the moment.", [host.display_name]);
	return name ? __("{0} is not here yet.", [name]) : __("The clinician is not here yet.");
}

/** No one is refused for being late while the visit is open.
    @param {Page} page */
function late({ state, flags }) {
	if (!isLate(state)) return null;
	const [began, until] = [state.starts_on, state.closes_on].map((at) => clinicTime(state, at, flags.lang));
	const text =
		state.me.state === "Waiting"
			? __("You are late: the visit was to begin at {0}.", [began])
			: __("You are late: the visit was to begin at {0}. You can still come in until {1}.", [
					began,
					until,
				]);
	return h("div", { "data-notice": "late" }, note(text, "clock", "calm"));
}

/** @param {Page} page */
function whatNext({ state, flags }) {
	if (flags.sentBack)
		return __("Nobody sees or hears you now. Please keep this page open; you will be let in again.");
	if (isEmbedded(state) && flags.local.granted)
		return __("Please keep this page open. As soon as you are let in, you will see each other.");
	return __("Please keep this page open. As soon as you are let in, you can join here.");
}

/** @param {Page} page */
export function ready(page) {
	const { state, flags, actions } = page;
	return lobby(
		page,
		isHost(state) ? null : steps(3),
		heading(flags.joining ? __("Joining the visit…") : __("You can join now")),
		h(
			"p",
			{ class: "lead" },
			isEmbedded(state) ? __("The visit is open for you.") : __("The visit opens in a new tab.")
		),
		part(withWhom, page),
		button({
			action: "join",
			label: flags.wasIn ? __("Rejoin the visit") : __("Join the visit"),
			kind: "primary",
			busy: flags.joining,
			press: actions.join,
		}),
		leaveUnjoined(page)
	);
}

/** While a join of an earlier page is current, only that page could leave.
    @param {Page} page */
function leaveUnjoined({ state, flags, actions }) {
	if (state.me.attendee || flags.joining) return null;
	return button({
		action: "leave",
		label: __("Leave the visit"),
		busy: flags.busy.has("leave"),
		press: actions.leave,
	});
}

/** @param {Page} page */
function withWhom({ state, flags }) {
	const { clinic, clinician, patient } = state.about;
	const host = hostOf(state);
	const who = clinician || (host && !isHost(state) ? host.display_name : "");
	return h(
		"ul",
		{ class: "details" },
		detail("people", patient && __("Visit of {0}", [patient])),
		detail("person", who),
		detail("home", clinic),
		detail("calendar", times(state, flags.lang))
	);
}

/** @param {Drawing} drawing
    @param {string} text */
function detail(drawing, text) {
	return text ? h("li", null, icon(drawing), h("span", null, text)) : null;
}

/** @param {number} current */
function steps(current) {
	const labels = [__("Check"), __("Waiting room"), __("Visit")];
	return h(
		"ol",
		{ class: "steps", "aria-label": __("Where you are") },
		labels.map((label, index) =>
			h(
				"li",
				{
					key: String(index),
					class: index + 1 < current ? "done" : null,
					"aria-current": index + 1 === current ? "step" : null,
				},
				h(
					"span",
					{ class: "step-mark", "aria-hidden": "true" },
					index + 1 < current ? icon("check") : String(index + 1)
				),
				label
			)
		)
	);
}
