/* The pictures of a call: a shared screen, the others, oneself; and what to say where there is none. */
import { h } from "preact";
import { whyNot } from "../call_events.js";
import { ARRIVING } from "../announcements.js";
import { arrivingOf, awayOf, hostOf, initialsOf, isHost, nameOf, waitingOf } from "../state.js";
import { __ } from "../words.js";
import { icon } from "./icons.js";
import { ownPicture } from "./self_view.js";
import { button, picture, plays } from "./parts.js";

/** From so many others on, one's own picture stands among theirs. */
const CROWD = 3;

/** @param {CallPage} page */
export function tiles({ state, flags, actions }) {
	const { remotes, screens } = flags.call;
	const shared = [...screens].pop();
	return h(
		"div",
		{
			class: "tiles",
			"data-layout": shared ? "screen" : remotes.size < CROWD ? "few" : "many",
			"data-people": String(remotes.size + 1),
			"data-fit": flags.whole ? "whole" : "fill",
		},
		shared ? screen(state, shared) : null,
		h(
			"div",
			{ class: "others", "data-count": String(remotes.size) },
			remotes.size
				? [...remotes].map(([pseudonym, remote]) => other(state, flags, pseudonym, remote))
				: h("div", { key: "nobody", class: "nobody" }, absent(state, flags))
		),
		remotes.size ? fit(flags, actions) : null,
		flags.quiet
			? button({ action: "hear", label: __("Turn on sound"), kind: "primary", press: actions.hear })
			: null,
		h("figure", { class: "tile own", "data-tile": "local" }, ownPicture(flags.local)),
		h("div", { class: "sound" }, everybody(flags))
	);
}

/** Upright pages show as much of a picture as fills them, or the whole picture, smaller.
    @param {Flags} flags
    @param {Actions} actions */
function fit({ whole }, actions) {
	return button({
		action: "fit",
		label: whole ? __("Fill the screen") : __("Show the whole picture"),
		drawing: whole ? "fill" : "whole",
		kind: "round fit",
		bare: true,
		press: actions.fit,
	});
}

/** How the call stands, while others are seen and something is amiss.
    @param {CallPage} page */
export function standing({ state, flags }) {
	const { remotes, status } = flags.call;
	if (!remotes.size || status === "connected") return null;
	return h("p", { class: "stage-status" }, statusText(state, flags));
}

/** Where the sound of all comes as one; another stream gets another element, which starts anew.
    @param {CallPage["flags"]} flags */
function everybody({ call, play }) {
	return call.sound ? h("audio", { key: call.sound.id, ref: plays(call.sound, play) }) : null;
}

/** @param {VisitState} state
    @param {[pseudonym: string, stream: MediaStream]} shared */
function screen(state, [pseudonym, stream]) {
	const name = __("Screen of {0}", [nameOf(state, pseudonym)]);
	return h(
		"figure",
		{ class: "tile", "data-tile": "screen" },
		picture(stream, name),
		h("figcaption", null, icon("screen"), h("span", null, name))
	);
}

/** @param {VisitState} state
    @param {CallPage["flags"]} flags
    @param {string} pseudonym
    @param {Remote} remote */
function other(state, flags, pseudonym, remote) {
	const name = nameOf(state, pseudonym);
	return h(
		"figure",
		{
			key: pseudonym,
			class: "tile",
			"data-tile": "remote",
			"data-video": remote.video ? "on" : "off",
			"data-speaking": flags.call.speaking.has(pseudonym) || null,
		},
		picture(remote.picture, name),
		remote.sound ? h("audio", { ref: plays(remote.sound, flags.play) }) : null,
		remote.video ? null : h("span", { class: "avatar big", "aria-hidden": "true" }, initialsOf(name)),
		h(
			"figcaption",
			null,
			remote.audio ? null : [icon("mic-off"), h("span", { class: "sr" }, __("Microphone off"), " ")],
			h("span", null, name)
		)
	);
}

/** @param {VisitState} state
    @param {CallPage["flags"]} flags */
function absent(state, flags) {
	const person = awaited(state);
	return [
		h(
			"span",
			{ class: "avatar big", "aria-hidden": "true" },
			person ? initialsOf(person.display_name) : icon("people")
		),
		h("p", { class: "stage-word" }, statusText(state, flags)),
	];
}

/** The one person whose picture is missing, if it is clear who that is.
    @param {VisitState} state */
function awaited(state) {
	if (!isHost(state)) return hostOf(state);
	const admitted = state.people.filter((person) => person.state === "Admitted");
	return admitted.length === 1 ? admitted[0] : null;
}

/** @param {VisitState} state
    @param {CallPage["flags"]} flags */
function statusText(state, flags) {
	const { status } = flags.call;
	if (status === "trouble") return [whyNot(flags.call), troubleText(state)].filter(Boolean).join(" ");
	if (status === "reconnecting") return __("The connection was lost. Reconnecting…");
	if (status === "connecting") return __("Connecting…");
	return aloneText(state);
}

/** @param {VisitState} state */
function troubleText(state) {
	return state.fallback
		? __("The connection does not come about. We keep trying; meanwhile you can use the fallback link.")
		: __("The connection does not come about. We keep trying; check your network, or call the clinic.");
}

/** @param {VisitState} state */
function aloneText(state) {
	const person = awaited(state);
	if (person) return __("{0} is not in the call at the moment.", [person.display_name]);
	if (waitingOf(state).length) return __("Somebody is waiting to be let in.");
	const [arriving] = arrivingOf(state);
	if (arriving) return ARRIVING(arriving);
	const [away] = awayOf(state);
	if (away) return __("{0} was waiting and is away.", [away.display_name]);
	return state.people.some(hasComeBefore)
		? __("Nobody else is in the call now.")
		: __("Nobody else is here yet.");
}

/** @param {ParticipantEntry} participant */
function hasComeBefore({ state }) {
	return ["Waiting", "Admitted", "Left", "Declined", "Removed"].includes(state);
}
