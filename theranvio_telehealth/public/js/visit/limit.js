/* The time that the visit has left: when its end is announced, and how a host extends it. */
import { timeOf } from "./clock.js";
import { isHost, overReason } from "./state.js";
import { __ } from "./words.js";

const MINUTE = 60000;
/** How many minutes before the close it is announced. */
const WARNINGS = [2, 10];
const LONGEST_MS = 2 ** 31 - 1;

/** Within how many minutes the time ends, 10 or 2; null before that, and for those who are not in the visit.
    `left`: milliseconds until it closes.
    @param {VisitState} state
    @param {number} left */
export function warningOf(state, left) {
	const isIn = ["Waiting", "Admitted"].includes(state.me.state) && !overReason(state);
	if (!isIn || state.phase !== "open" || left <= 0) return null;
	return WARNINGS.find((minutes) => left <= minutes * MINUTE) || null;
}

/** Milliseconds until the next warning is due; null after the last.
    @param {number} left */
export function pauseUntilWarning(left) {
	const pauses = WARNINGS.map((minutes) => left - minutes * MINUTE).filter((pause) => pause > 0);
	return pauses.length ? Math.min(...pauses, LONGEST_MS) : null;
}

/** Whole minutes that one press adds; 0 where the policy allows no more.
    @param {Pick<VisitState, "closes_on" | "extends_to">} state */
export function stepOf({ closes_on: from, extends_to: to }) {
	return to ? Math.floor((Date.parse(to) - Date.parse(from)) / MINUTE) : 0;
}

/** Says it, beeps for hosts, and shows it as long as it is true.
    @param {Visit} visit */
export function createLimit(visit, timers = globalThis) {
	let timer = 0;

	/** @param {VisitState} state */
	function look(state) {
		timers.clearTimeout(timer);
		const left = visit.clock.until(state.closes_on);
		const minutes = warningOf(state, left);
		if (minutes && minutes !== visit.flags.limit) warn(visit, state, left);
		if (minutes !== visit.flags.limit) visit.set({ limit: minutes });
		const pause = pauseUntilWarning(left);
		if (pause) timer = timers.setTimeout(() => look(visit.state), pause);
	}

	return { look, stop: () => timers.clearTimeout(timer) };
}

/** @param {Pick<Visit, "out" | "flags" | "boot">} visit
    @param {VisitState} state
    @param {number} left */
function warn({ out, flags, boot }, state, left) {
	const minutes = Math.ceil(left / MINUTE);
	const at = timeOf(state.closes_on, boot.lang);
	out.announce([
		minutes === 1
			? __("The time for this visit ends in 1 minute, at {0}.", [at])
			: __("The time for this visit ends in {0} minutes, at {1}.", [minutes, at]),
	]);
	if (isHost(state) && flags.sound) out.beep();
}

/** By the close that the host was shown: a second press for the same is none.
    @param {Visit} visit */
export function extend(visit) {
	const { closes_on } = visit.state;
	return visit.perform("extend", () => visit.api.post("host.extend", { closes_on }));
}
