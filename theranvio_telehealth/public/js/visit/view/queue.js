/* The host's panel: who is there and what the host may do to them, the room's lock and end, the fallback link. */
import { h } from "preact";
import { timeOf } from "../clock.js";
import { initialsOf, isArriving, isAway, queueOf } from "../state.js";
import { __ } from "../words.js";
import { icon } from "./icons.js";
import { extension } from "./limit.js";
import { button, fallbackLink, toggle } from "./parts.js";

/** @type {Record<HostAction, { action: HostAction, label: () => string, kind: string, spoken: (name: string) => string }>} */
const BUTTONS = {
	admit: {
		action: "admit",
		label: () => __("Admit"),
		kind: "primary small",
		spoken: (name) => __("Admit {0}", [name]),
	},
	decline: {
		action: "decline",
		label: () => __("Decline"),
		kind: "plain small",
		spoken: (name) => __("Decline {0}", [name]),
	},
	"send-back": {
		action: "send-back",
		label: () => __("To waiting room"),
		kind: "plain small",
		spoken: (name) => __("To waiting room: {0}", [name]),
	},
	remove: {
		action: "remove",
		label: () => __("Remove"),
		kind: "danger small",
		spoken: (name) => __("Remove {0}", [name]),
	},
};

const ROLES = {
	Host: () => __("Clinician"),
	Client: () => __("Client"),
	Guardian: () => __("Guardian"),
	Interpreter: () => __("Interpreter"),
	Guest: () => __("Guest"),
};

/** @type {Record<Exclude<ParticipantState, "Waiting">, () => string>} */
const STATES = {
	Invited: () => __("not here"),
	Admitted: () => __("admitted, not in the call"),
	Declined: () => __("declined"),
	Left: () => __("has left"),
	Removed: () => __("removed"),
};

/** @param {Page} page */
export function queue(page) {
	const { state, flags } = page;
	const mayAct = state.me.state === "Admitted";
	return h(
		"aside",
		{ class: "queue", id: "queue", "aria-label": __("People and controls") },
		h("h2", { tabindex: "-1", "data-focus": true }, __("People")),
		people(page, mayAct),
		mayAct || !state.people.length ? null : h("p", { class: "hint" }, howToLetIn(state)),
		mayAct ? theRoom(page) : theEnd(page),
		theFallback(page),
		h("section", { class: "group" }, arrivalSound(page, flags))
	);
}

/** @param {VisitState} state */
function howToLetIn({ status, phase }) {
	if (phase === "early") return __("You can let people in when the visit is open.");
	return status === "Live"
		? __("Come back to the visit to let people in.")
		: __("Start the visit to let people in.");
}

/** @param {Page} page
    @param {boolean} mayAct */
function people(page, mayAct) {
	const rows = queueOf(page.state);
	if (!rows.length) return h("p", { class: "hint" }, __("Nobody has come yet."));
	return h(
		"ul",
		{ class: "people" },
		rows.map((person) => row(page, person, mayAct))
	);
}

/** @param {Page} page
    @param {QueueEntry} person
    @param {boolean} mayAct */
function row(page, person, mayAct) {
	return h(
		"li",
		{
			key: person.participant,
			"data-person": person.participant,
			"data-state": person.state,
			"data-seen": seenOf(person),
		},
		h("span", { class: "avatar", "aria-hidden": "true" }, initialsOf(person.display_name)),
		h(
			"span",
			{ class: "who" },
			h("strong", null, person.display_name),
			h(
				"small",
				null,
				`${ROLES[person.role]()} · ${lackOf(person) || standing(person, page.flags.lang)}`
			)
		),
		h(
			"span",
			{ class: "row-actions" },
			mayAct ? person.actions.map((action) => actionButton(page, person, action)) : null
		)
	);
}

/** @param {ParticipantEntry} person */
function seenOf(person) {
	if (isAway(person)) return "away";
	return isArriving(person) ? "arrived" : null;
}

/** Why a person cannot be in a call here, in the host's words. */
const LACKS = {
	insecure: () => __("cannot join: the page was opened without https"),
	calls: () => __("cannot join: their browser cannot make video calls"),
	devices: () => __("cannot join: their browser gives no camera or microphone"),
};

/** @param {ParticipantEntry} person */
function lackOf({ lack, present }) {
	return lack && !present ? LACKS[lack]() : null;
}

/** @param {ParticipantEntry} person
    @param {string} lang */
function standing(person, lang) {
	if (isArriving(person)) return __("arrived, checking their device");
	if (person.state === "Waiting") return waitingAs(person, lang);
	if (person.present) return __("in the call");
	if (person.state === "Admitted" && person.seen === false) return __("admitted, away");
	return (STATES[person.state] || STATES.Invited)();
}

/** @param {ParticipantEntry} person
    @param {string} lang */
function waitingAs(person, lang) {
	if (isAway(person)) return __("away");
	return __("waiting since {0}", [timeOf(/** @type {string} */ (person.waiting_since), lang)]);
}

/** @param {Page} page
    @param {ParticipantEntry} person
    @param {HostAction} name */
function actionButton({ flags, actions }, person, name) {
	const { action, label, kind, spoken } = BUTTONS[name];
	return button({
		action,
		label: label(),
		kind,
		attributes: { key: name, "aria-label": spoken(person.display_name) },
		busy: flags.busy.has(`${action}:${person.participant}`),
		press: (event) => isFirst(event) && actions.onPerson(action, person),
	});
}

/** The second half of a double click lands on whatever the first has put there.
    @param {MouseEvent} event */
function isFirst(event) {
	return event.detail < 2;
}

/** @param {Page} page */
function theRoom(page) {
	const { state, flags, actions } = page;
	return h(
		"section",
		{ class: "group" },
		toggle({
			action: "lock",
			label: __("Lock the visit"),
			hint: __("Nobody new can come in"),
			on: state.locked,
			press: actions.lock,
		}),
		h("p", { class: "hint" }, __("The visit is open until {0}.", [timeOf(state.closes_on, flags.lang)])),
		extension(page),
		endButton({ flags, actions })
	);
}

/** A host who has left a visit that goes on can end it without coming back.
    @param {Page} page */
function theEnd({ state, flags, actions }) {
	if (state.status !== "Live" || state.me.state !== "Left") return null;
	return h("section", { class: "group" }, endButton({ flags, actions }));
}

/** @param {Pick<Page, "flags" | "actions">} page */
function endButton({ flags, actions }) {
	return button({
		action: "end",
		label: __("End visit for everyone"),
		kind: "danger small wide",
		busy: flags.busy.has("end"),
		press: actions.end,
	});
}

/** @param {Page} page */
function theFallback({ state, actions }) {
	if (!state.fallback) return null;
	return h(
		"section",
		{ class: "group", "aria-label": __("Fallback link") },
		h("h3", null, icon("link"), __("Fallback link")),
		fallbackLink(state, "plain wide"),
		toggle({
			action: "fallback",
			label: __("Offer it to the client"),
			on: state.fallback.active,
			press: actions.fallback,
		})
	);
}

/** @param {Page} page
    @param {Flags} flags */
function arrivalSound({ actions }, flags) {
	return toggle({
		action: "sound",
		label: __("Sound when somebody arrives"),
		on: flags.sound,
		press: actions.sound,
	});
}
