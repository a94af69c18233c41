/* For a host's page: who waits in the host's other visits. Asked when nudged and now and then. */
import { createPoll } from "./poll.js";
import { isHost } from "./state.js";
import { __ } from "./words.js";

const LIVE_MS = 60000;
const ALONE_MS = 15000;
/** Nudges come in bursts while a connection is made; they are of this visit mostly. */
const APART_MS = 3000;

/** `visit` is the page's one object.
    @param {Visit} visit */
export function createOthers(visit) {
	const ask = async () => {
		if (!visit.state || !isHost(visit.state)) return;
		const answer = await visit.api.get("host.waiting").catch(() => null);
		if (answer)
			showOthers(
				visit,
				answer.waiting.filter((line) => line.room !== visit.boot.room)
			);
	};
	const poll = createPoll(ask, () => (visit.nudges.isLive() ? LIVE_MS : ALONE_MS));
	let timer = 0;
	const next = () => {
		timer = 0;
		poll.now();
	};
	return {
		now: poll.now,
		soon() {
			timer = timer || setTimeout(next, APART_MS);
		},
		stop() {
			clearTimeout(timer);
			poll.stop();
		},
	};
}

/** @param {Visit} visit
    @param {WaitingLine[]} others */
function showOthers(visit, others) {
	const known = new Set(visit.flags.others.map((line) => line.participant));
	const fresh = others.filter((line) => !known.has(line.participant));
	visit.set({ others });
	if (!fresh.length) return;
	visit.out.announce(fresh.map((line) => __("{0} is waiting in another visit.", [line.display_name])));
	if (visit.flags.sound) visit.out.beep();
}
