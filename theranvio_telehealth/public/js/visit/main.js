/* Starts the page: reads `boot`, and ties the visit to the document. */
import { createApi } from "./api.js";
import { Visit } from "./app.js";
import { attempt, guarded } from "./attempt.js";
import { createAwake, createSummons } from "./attention.js";
import { createBundles } from "./bundles.js";
import { tagOf } from "./clock.js";
import { share, write } from "./chat_and_share.js";
import { extend } from "./limit.js";
import { isPermitted, LocalMedia } from "./local_media.js";
import "./media/external_link.js";
import "./media/peer_to_peer.js";
import { createMemory, shareSwitches } from "./memory.js";
import { beep, listenForTouch, reroute, routeTo } from "./sound.js";
import { screenOf } from "./state.js";
import { chooseDevices, closeDialogs, confirm } from "./view/dialogs.js";
import { createPainter, createAnnouncer } from "./view/page.js";
import { __, setMessages } from "./words.js";

const WIDE = "(min-width: 60rem)";
const RELOADED = "theranvio-reloaded";

/** @returns {Boot} */
function takeBoot() {
	const element = elementOf("boot");
	element.remove();
	return JSON.parse(element.textContent ?? "");
}

function elementOf(/** @type {string} */ id) {
	return /** @type {HTMLElement} */ (document.getElementById(id));
}

function run() {
	const boot = takeBoot();
	boot.lang = tagOf(boot.lang);
	setMessages(boot.messages);
	const local = new LocalMedia(navigator.mediaDevices, createMemory(boot.room));
	local.onSwitch = shareSwitches(boot.room, (wanted) => local.follow(wanted));
	local.onDevices = async () => reroute(voices(), local.chosen.speaker, await local.list());
	/** @type {Visit} */
	const visit = new Visit({
		boot,
		api: createApi(boot),
		local,
		bundles: createBundles(boot.media),
		isPermitted,
		out: outputs(boot, () => visit),
	});
	listenForTouch(() => visit.paint());
	listen(visit);
	visit.start();
}

/** @param {Boot} boot
    @param {() => Visit} visitOf
    @returns {Outputs} */
function outputs(boot, visitOf) {
	const paint = createPainter(elementOf("app"), elementOf("alert"));
	const summons = attempt(createSummons);
	/** @type {Actions | null} */
	let actions = null;
	/** @type {ScreenName | null} */
	let screen = null;
	return {
		...guarded(
			/** @type {Omit<Outputs, "confirm">} */ ({
				paint({ state, flags }) {
					actions = actions || actionsOf(visitOf(), summons);
					const play = (/** @type {HTMLAudioElement} */ audio) => playIn(audio, visitOf());
					const page = {
						state,
						actions,
						flags: { ...flags, play, lang: boot.lang, home: boot.home },
					};
					const next = screenOf(state, flags);
					if (screen !== next) closeDialogs();
					screen = next;
					paint(page);
				},
				at: attempt(createAwake, () => {}),
				announce: createAnnouncer(elementOf("announcements")),
				title: (waiting) =>
					(document.title = `${waiting ? `(${waiting}) ` : ""}${__("Video visit")}`),
				beep,
				called() {
					beep();
					summons?.call();
				},
				isWide: () => window.matchMedia(WIDE).matches,
				isReload,
				reloadOnce,
			})
		),
		confirm: (action, person) => confirm(QUESTIONS[action](person)),
	};
}

const QUESTIONS = {
	end: () => ({
		title: __("End the visit for everyone?"),
		text: __("Everybody is taken out of the call, and nobody can come back in."),
		yes: __("End visit for everyone"),
	}),
	remove: (/** @type {ParticipantEntry | undefined} */ person) => ({
		title: __("Remove {0} from the visit?", [person?.display_name ?? ""]),
		text: __("They cannot come back by themselves. You can send them back to the waiting room later."),
		yes: __("Remove"),
	}),
};

function isReload() {
	const [entry] = /** @type {any[]} */ (performance.getEntriesByType("navigation"));
	return Boolean(entry) && entry.type === "reload";
}

/** At most once a minute, lest a page that is not made whole by it reload for ever. */
function reloadOnce() {
	const last = Number(sessionStorage.getItem(RELOADED));
	if (Date.now() - last < 60000) return false;
	sessionStorage.setItem(RELOADED, String(Date.now()));
	window.location.reload();
	return true;
}

/** @param {Visit} visit
    @param {Summons | null} summons
    @returns {Actions} */
function actionsOf(visit, summons) {
	const { local } = visit;
	const inCall = /** @type {VisitInCall} */ (visit);
	return {
		enter: () => visit.enter(),
		join: () => visit.join(),
		leave: () => visit.leave(),
		onPerson: (action, person) => visit.onPerson(action, person),
		lock: () => visit.lock(),
		end: () => visit.end(),
		extend: () => extend(visit),
		fallback: () => visit.fallback(),
		meetElsewhere: () => visit.meetElsewhere(),
		panel: () => visit.beside("panel"),
		chat: () => visit.beside("chat"),
		closeBeside: () => closeBeside(visit),
		write: (typed) => write(inCall, typed),
		share: () => share(inCall),
		sound: () => visit.toggle("sound"),
		fit: () => visit.toggle("whole"),
		dismiss: () => visit.set({ alert: null }),
		mute: () => local.turn("audio", !local.wanted.audio || local.problems.audio !== null),
		camera: () => local.turn("video", !local.wanted.video || local.problems.video !== null),
		devicesOn: () => local.turnOn(),
		devices: () => openDevices(local),
		mayNotify: () => summons !== null && summons.mayAsk(),
		notify: () => summons?.ask().then(() => visit.paint()),
		hear: () => hear(visit),
	};
}

/** @param {Visit} visit */
function closeBeside(visit) {
	const opener = visit.flags.chat ? "chat" : "people";
	visit.set({ panel: false, chat: false });
	/** @type {HTMLElement} */ (document.querySelector(`[data-action=${opener}]`)).focus();
}

function voices() {
	return /** @type {HTMLAudioElement[]} */ ([...document.querySelectorAll("main audio")]);
}

/** @param {Visit} visit */
function hear(visit) {
	voices().forEach((audio) => audio.play());
	visit.set({ quiet: false });
}

/** Browsers may refuse sound on a page the user has not touched: then there is a button to turn it on.
    @param {HTMLAudioElement} audio
    @param {Visit} visit */
function playIn(audio, visit) {
	if (visit.local.chosen.speaker) routeTo(audio, visit.local.chosen.speaker);
	queueMicrotask(() =>
		audio.play().catch((error) => error.name === "NotAllowedError" && visit.set({ quiet: true }))
	);
}

/** @param {LocalMedia} local */
function openDevices(local) {
	const inUse = (/** @type {DeviceKind} */ kind) => {
		const track = kind === "speaker" ? null : local.tracks()[kind];
		return track ? track.getSettings().deviceId : local.chosen[kind];
	};
	return chooseDevices({
		list: () => local.list(),
		chosen: inUse,
		async choose(kind, id) {
			await local.choose(kind, id);
			if (kind === "speaker") await Promise.all(voices().map((audio) => routeTo(audio, id)));
		},
	});
}

/** @param {Visit} visit */
function listen(visit) {
	document.addEventListener(
		"visibilitychange",
		() => document.visibilityState === "visible" && visit.lookAgain()
	);
	window.addEventListener("online", () => visit.lookAgain());
	window.addEventListener("pagehide", () => visit.shut());
	window.addEventListener("pageshow", (event) => event.persisted && window.location.reload());
}

run();
