/* What has changed between two states, in sentences for the live region. Pure. */
import { momentOf, timeOf } from "./clock.js";
import { endingOf } from "./endings.js";
import {
	arrivals,
	arrivingOf,
	awayOf,
	hostIsHere,
	hostOf,
	isHost,
	isOffered,
	isSentBack,
	overReason,
} from "./state.js";
import { __ } from "./words.js";

const MY_STATE = {
	Invited: () => __("You are outside the visit again."),
	Waiting: () => __("You are in the waiting room."),
	Admitted: () => __("You have been let in."),
	Declined: () => __("The clinician cannot see you now."),
	Removed: () => __("The clinician has ended your part in this visit."),
	Left: () => __("You have left the visit."),
};
/** @param {VisitState | null} before
    @param {VisitState} state
    @param {string} lang */
export function announcements(before, state, lang) {
	const reason = overReason(state);
	if (reason) return before && overReason(before) === reason ? [] : [`${endingOf(state).title}.`];
	if (before && overReason(before))
		return [__("This visit takes place after all."), ...aboutTime(before, state, lang)];
	return [
		...aboutTime(before, state, lang),
		...aboutMe(before, state),
		...(isHost(state) ? forHost(before, state) : forClient(before, state)),
	];
}

/** @param {VisitState | null} before
    @param {VisitState} state */
function aboutMe(before, state) {
	if (!before || before.me.state === state.me.state) return [];
	if (isSentBack(before, state)) return [__("The clinician asked you to wait again.")];
	if (isHost(state) && state.me.state === "Admitted") return [__("The visit has started.")];
	const sentence = MY_STATE[state.me.state];
	return sentence ? [sentence()] : [];
}

/** @param {VisitState | null} before
    @param {VisitState} state
    @param {string} lang */
function aboutTime(before, state, lang) {
	if (!before) return [];
	if (before.starts_on !== state.starts_on)
		return [__("The visit was moved. It starts at {0}.", [momentOf(state.starts_on, state.now, lang)])];
	if (before.ends_on !== state.ends_on)
		return [__("The length of the visit was changed. It ends at {0}.", [timeOf(state.ends_on, lang)])];
	if (Date.parse(before.closes_on) < Date.parse(state.closes_on))
		return [__("The visit was extended. Its time ends at {0}.", [timeOf(state.closes_on, lang)])];
	return [];
}

/** @param {VisitState | null} before
    @param {VisitState} state */
function forHost(before, state) {
	const sentences = arrivals(before, state).map((person) =>
		__("{0} is waiting to be let in.", [person.display_name])
	);
	sentences.push(...newIn(arrivingOf, before, state).map((person) => ARRIVING(person)));
	if (!before) return sentences;
	sentences.push(
		...newIn(awayOf, before, state).map(({ display_name }) => __("{0} is away.", [display_name]))
	);
	sentences.push(...comings(before, state));
	if (before.locked !== state.locked)
		sentences.push(
			state.locked ? __("The visit is locked. Nobody new can come in.") : __("The visit is unlocked.")
		);
	return sentences;
}

/** @param {VisitState | null} before
    @param {VisitState} state */
function forClient(before, state) {
	if (!before) return [];
	const sentences = [];
	if (state.me.state === "Waiting" && !hostIsHere(before) && hostIsHere(state))
		sentences.push(__("{0} is here.", [hostOf(state).display_name]));
	if (state.me.state === "Admitted") sentences.push(...comings(before, state));
	if (isOffered(state) && !isOffered(before))
		sentences.push(__("The clinician offers another way to meet."));
	return sentences;
}

/** @param {Pick<ParticipantEntry, "display_name">} person */
export const ARRIVING = ({ display_name: name }) =>
	__("{0} has arrived and is checking their device.", [name]);

/** Those of them now who were not among them before.
    @param {(state: VisitState) => ParticipantEntry[]} of
    @param {VisitState | null} before
    @param {VisitState} state */
function newIn(of, before, state) {
	const known = new Set(before ? of(before).map((person) => person.participant) : []);
	return of(state).filter((person) => !known.has(person.participant));
}

/** @param {VisitState} before
    @param {VisitState} state */
function comings(before, state) {
	const were = new Map(before.people.map((person) => [person.participant, person.present]));
	return state.people
		.filter((person) => Boolean(were.get(person.participant)) !== person.present)
		.map((person) =>
			person.present
				? __("{0} has joined the call.", [person.display_name])
				: __("{0} is no longer in the call.", [person.display_name])
		);
}

/** The system has paused this person's microphone or camera, or given it back.
    @param {Kind} kind
    @param {boolean} isHeld */
export function heldSentence(kind, isHeld) {
	if (kind === "audio") return isHeld ? HELD.audio() : __("Your microphone is back.");
	return isHeld ? HELD.video() : __("Your camera is back.");
}

export const HELD = {
	audio: () =>
		__("Your device has paused the microphone, for a telephone call or another app. Nobody hears you."),
	video: () => __("Your device has paused the camera, for another app. Nobody sees you."),
};
