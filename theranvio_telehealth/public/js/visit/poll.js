/* Asks again and again: at once when nudged, slowly otherwise, never twice at the same time. */
import { report } from "./attempt.js";

const LONGEST_MS = 2 ** 31 - 1;

/** `ask` returns a promise; `pause` says how many milliseconds to wait until the next time.
    @param {() => Promise<unknown>} ask
    @param {() => number} pause */
export function createPoll(ask, pause, timers = globalThis) {
	let timer = 0;
	let asking = false;
	let again = false;
	let stopped = false;

	async function now() {
		if (stopped) return;
		if (asking) {
			again = true;
			return;
		}
		timers.clearTimeout(timer);
		asking = true;
		await ask().catch(report);
		asking = false;
		rest();
	}

	function rest() {
		if (stopped) return;
		if (again) {
			again = false;
			now();
			return;
		}
		timer = timers.setTimeout(now, Math.min(pause(), LONGEST_MS));
	}

	return {
		now,
		stop() {
			stopped = true;
			timers.clearTimeout(timer);
		},
	};
}
