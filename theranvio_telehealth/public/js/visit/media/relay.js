/* Why a relay (TURN server) does not carry the call: `relay-silent` (it does not answer) or `relay-refused` (it does not
take the password, which may have expired). */
const REFUSALS = [401, 403, 438, 441, 486];

/** Chromium itself waits for 40 s for an answer over UDP. */
const SILENT_AFTER_MS = 8000;

/** @type {(url: string | null | undefined) => boolean} */
const isRelay = (url) => /^turns?:/.test(url || "");

/** @type {(configuration: { iceServers: RTCIceServer[] }) => boolean} */
export const hasRelay = ({ iceServers }) => iceServers.some(({ urls }) => [urls].flat().some(isRelay));

/** Tells `found` of `pc`, at once, each time that the reason changes; null: the relay works, or nothing is known yet.
    Browsers without `icecandidateerror` find out when all addresses have been gathered.
    @param {RTCPeerConnection} pc
    @param {(problem: RelayProblem | null) => void} found
    @param {Timers} timers */
export function watchRelay(pc, found, timers) {
	let works = false;
	/** @type {RelayProblem | null} */
	let why = null;
	let timer = 0;
	const report = (/** @type {RelayProblem} */ reason) => {
		if (works || reason === why || why === "relay-refused") return;
		why = reason;
		found(why);
	};
	pc.onicecandidateerror = ({ errorCode, url }) =>
		isRelay(url) && report(REFUSALS.includes(errorCode) ? "relay-refused" : "relay-silent");
	pc.onicegatheringstatechange = () => {
		timers.clearTimeout(timer);
		if (pc.iceGatheringState === "gathering") {
			works = false;
			why = null;
			timer = timers.setTimeout(() => report("relay-silent"), SILENT_AFTER_MS);
		}
		if (pc.iceGatheringState === "complete") report("relay-silent");
	};
	return (/** @type {RTCIceCandidate | null} */ candidate) => {
		if (candidate?.type !== "relay" || works) return;
		works = true;
		why = null;
		found(null);
	};
}
