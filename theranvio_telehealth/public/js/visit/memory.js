/* This person's switches and devices in one room, stored in the tab so that a reload changes nothing of them. */
const KEY = "theranvio-own:";

/** `storageOf` may throw: a browser can refuse storage altogether.
    @param {string} room */
export function createMemory(room, storageOf = () => window.sessionStorage) {
	const key = KEY + room;
	return {
		/** { wanted, chosen } as they were written, or null where they cannot be read.
		    @returns {Choices | null} */
		read() {
			try {
				return checked(JSON.parse(storageOf().getItem(key) ?? "null"));
			} catch {
				return null;
			}
		},
		/** What cannot be written is removed: an older choice must not stand in for it.
		    @param {Choices} choices */
		write(choices) {
			try {
				storageOf().setItem(key, JSON.stringify(choices));
			} catch {
				forget(storageOf, key);
			}
		},
	};
}

/** @param {() => Storage} storageOf
    @param {string} key */
function forget(storageOf, key) {
	try {
		storageOf().removeItem(key);
	} catch {
		// Nothing is stored, so nothing is read.
	}
}

/** @param {Choices} choices
    @returns {Choices | null} */
function checked({ wanted, chosen }) {
	const isWhole =
		[wanted.audio, wanted.video].every((value) => typeof value === "boolean") &&
		[chosen.audio, chosen.video, chosen.speaker].every((value) => typeof value === "string");
	return isWhole ? { wanted, chosen } : null;
}

/** @type {{ read(): any, write(choices: any): void }} */
export const NO_MEMORY = { read: () => null, write() {} };

/** Tells the other tabs of this browser what is switched here, and hears it of them. Returns a way to tell.
    @param {string} room
    @param {(wanted: Switches) => void} received
    @returns {(wanted: Switches) => void} */
export function shareSwitches(room, received, Channel = globalThis.BroadcastChannel) {
	if (!Channel) return () => {};
	const channel = new Channel(KEY + room);
	channel.onmessage = ({ data }) => received(data);
	return (wanted) => channel.postMessage(wanted);
}
