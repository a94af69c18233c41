/* Keeps the screen on, and calls back a person who looks elsewhere. No means of it is needed for a visit. */
import { __ } from "./words.js";

const AWAKE = new Set(["waiting", "call"]);

/** Returns `at(screen)`: the display stays on while one waits and while one is in the call.
    @returns {(screen: ScreenName) => void} */
export function createAwake(wakeLock = navigator.wakeLock, page = document) {
	let wanted = false;
	/** @type {WakeLockSentinel | null} */
	let lock = null;
	let asking = false;

	async function ask() {
		if (!wanted || lock || asking || page.visibilityState !== "visible") return;
		asking = true;
		try {
			lock = await wakeLock.request("screen");
			lock.addEventListener("release", () => (lock = null));
		} catch {
			lock = null; // A battery that runs low, for instance.
		}
		asking = false;
		if (!wanted) letGo();
	}

	function letGo() {
		if (lock) lock.release();
		lock = null;
	}

	if (!wakeLock) return () => {};
	page.addEventListener("visibilitychange", ask);
	return (screen) => {
		wanted = AWAKE.has(screen);
		if (wanted) ask();
		else letGo();
	};
}

/** The title and, where it is allowed, a notification; both go when the page is looked at. They contain no name. */
export function createSummons({ Notice = globalThis.Notification, page = document, view = window } = {}) {
	/** @type {Notification | null} */
	let shown = null;
	/** @type {string | null} */
	let title = null;

	function seen() {
		if (title !== null) page.title = title;
		title = null;
		if (shown) shown.close();
		shown = null;
	}

	view.addEventListener("focus", seen);
	return {
		mayAsk: () => Boolean(Notice) && Notice.permission === "default",
		ask: () => Notice.requestPermission(),
		call() {
			if (page.hasFocus()) return;
			const sentence = __("You have been let in.");
			title = title === null ? page.title : title;
			page.title = `${sentence} ${title}`;
			if (Notice && Notice.permission === "granted") shown = noticeOf(Notice, sentence, view);
		},
	};
}

/** Some browsers on telephones have the name and refuse its use.
    @param {typeof Notification} Notice
    @param {string} sentence
    @param {Window} view */
function noticeOf(Notice, sentence, view) {
	try {
		const notice = new Notice(__("Video visit"), { body: sentence, tag: "theranvio-visit" });
		notice.onclick = () => view.focus();
		return notice;
	} catch {
		return null;
	}
}
