/* The content-free pings that say «ask again», by socket.io or EventSource. Without them the page polls. */
import { io } from "socket.io-client";

const AGAIN_MS = 5000;

/** `onNudge` also fires at each (re)connection: something may have been missed. */
export function createNudges(realtime, onNudge) {
	const kinds = { socketio: overSocket, sse: overEvents };
	const open = kinds[realtime && realtime.kind];
	return open ? open(realtime.url, onNudge) : { isLive: () => false, close() {} };
}

function overSocket(url, onNudge) {
	const socket = io(url, { withCredentials: true });
	socket.on("connect", onNudge);
	socket.on("theranvio_nudge", onNudge);
	let timer = null;
	socket.on("connect_error", () => {
		if (!socket.active) timer = setTimeout(() => socket.connect(), AGAIN_MS);
	});
	socket.on("disconnect", (reason) => {
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

function overEvents(url, onNudge) {
	let source = null;
	let timer = null;
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
