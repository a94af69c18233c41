/* Whether a connection is weak, from what a browser measures of it. Pure but for what the last measure was. */
const LOSS = 0.05;
const DELAY_S = 0.6;
const TWICE = 2;

/** Returns `measured(reports)`, which takes the values of one `getStats`, and tells `poor` of each change that lasts.
    @param {(isPoor: boolean) => void} poor */
export function createMeter(poor) {
	/** @type {Totals | null} */
	let before = null;
	let isPoor = false;
	let against = 0;
	return (/** @type {Report[]} */ reports) => {
		const now = totals(reports);
		const isWeak = before !== null && weak(before, now, reports);
		before = now;
		against = isWeak === isPoor ? 0 : against + 1;
		if (against < TWICE) return;
		isPoor = isWeak;
		against = 0;
		poor(isPoor);
	};
}

/** Packets that came and packets that did not, of both kinds.
    @param {Report[]} reports */
function totals(reports) {
	const incoming = reports.filter((report) => report.type === "inbound-rtp");
	const sum = (/** @type {"packetsLost" | "packetsReceived"} */ name) =>
		incoming.reduce((total, report) => total + (report[name] || 0), 0);
	return { lost: sum("packetsLost"), received: sum("packetsReceived") };
}

/** @param {Totals} before
    @param {Totals} now
    @param {Report[]} reports */
function weak(before, now, reports) {
	const lost = Math.max(0, now.lost - before.lost);
	const all = lost + Math.max(0, now.received - before.received);
	return (all > 0 && lost / all > LOSS) || reports.some(isBad);
}

/** What the other side reports of what we send, and how long the way there and back takes.
    @param {Report} report */
function isBad({ type, fractionLost = 0, currentRoundTripTime = 0, nominated, state }) {
	if (type === "remote-inbound-rtp") return fractionLost > LOSS;
	return type === "candidate-pair" && nominated && state === "succeeded" && currentRoundTripTime > DELAY_S;
}
