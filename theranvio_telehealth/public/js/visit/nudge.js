/* The content-free pings that say «ask again», by socket.io or EventSource. Without them the page polls. */
import { loadScript } from "./bundles.js";

const AGAIN_MS = 5000;

/** @type {Nudges} */
export const NO_NUDGES = { isLive: () => false, close() {} };

/** `onNudge` also fires at each (re)connection: something may have been missed.
    @param {Realtime | undefined} realtime
    @param {() => void} onNudge
    @returns {Nudges} */
export function createNudges(realtime, onNudge, load = loadScript) {
	const kinds = { socketio: overLoadedSocket, sse: overEvents };
	const open = realtime && kinds[realtime.kind];
	return open ? open(realtime, onNudge, load) : NO_NUDGES;
}

/** The client is a script of its own, as the page can be painted without it. It sets `theranvioSocket`.
    @param {Realtime} realtime
    @param {() => void} onNudge
    @param {typeof loadScript} load
    @returns {Nudges} */
function overLoadedSocket({ url, script }, onNudge, load) {
	/** @type {Nudges | null} */
	let nudges = null;
	let isClosed = false;
	load(script)
		.then(() => {
			if (!isClosed) nudges = overSocket(url, onNudge);
		})
		.catch(() => {}); // the page polls
	return {
		isLive: () => nudges !== null && nudges.isLive(),
		close() {
			isClosed = true;
			if (nudges) nudges.close();
		},
	};
}

/** @param {string} url
    @param {() => void} onNudge
    @returns {Nudges} */
function overSocket(url, onNudge) {
	const socket = globalThis.theranvioSocket(url, { withCredentials: true });
	socket.on("connect", onNudge);
	socket.on("theranvio_nudge", onNudge);
	let timer = 0;
	socket.on("connect_error", () => {
		if (!socket.active) timer = setTimeout(() => socket.connect(), AGAIN_MS);
	});
	socket.on("disconnect", (/** @type {string} */ reason) => {
		if (reason === "io server disconnect") timer = setTimeout(() => socket.connect(), AGAIN_MS);
	});
	return {
		isLive: () => socket.connected,
		close() {
			clearTimeout(timer);
			socket.close();
		},
	};
}

/** @param {Realtime} realtime
    @param {() => void} onNudge
    @returns {Nudges} */
function overEvents({ url }, onNudge) {
	/** @type {EventSource} */
	let source;
	let timer = 0;
	function open() {
		source = new EventSource(url);
		source.onopen = onNudge;
		source.onmessage = onNudge;
		source.onerror = () => {
			if (source.readyState === EventSource.CLOSED) timer = setTimeout(open, AGAIN_MS);
		};
	}
	open();
	return {
		isLive: () => source.readyState === EventSource.OPEN,
		close() {
			clearTimeout(timer);
			source.close();
		},
	};
}
