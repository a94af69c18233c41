/* From the host's state and the page's own flags to what is to be shown. Pure: no DOM, no clock, no words. */
/** @type {Partial<Record<RoomStatus, OverReason>>} */
const OVER = { Ended: "ended", Revoked: "cancelled", Expired: "expired" };
const PEOPLE_ORDER = ["Waiting", "Admitted", "Invited", "Left", "Declined", "Removed"];
/** @type {Partial<Record<ParticipantState, HostAction[]>>} */
const ACTIONS_BY_STATE = {
	Waiting: ["admit", "decline"],
	Admitted: ["send-back", "remove"],
	Declined: ["send-back"],
	Removed: ["send-back"],
};

/** Each rule: the screen it leads to, and when. The first that holds wins; without one, `check`.
    @type {[ScreenName, (state: VisitState, flags: ScreenFlags) => unknown][]} */
const SCREENS = [
	["problem", (_state, flags) => flags.problem],
	["loading", (state, flags) => !state || flags.asking],
	["over", (state) => overReason(state)],
	["removed", (state) => state.me.state === "Removed"],
	["declined", (state) => state.me.state === "Declined"],
	["unable", (state, flags) => isUnable(state, flags)],
	["elsewhere", (_state, flags) => flags.elsewhere],
	["full", (_state, flags) => flags.full],
	["early", (state) => state.phase === "early"],
	["blocked", (state) => state.blocked],
	["waiting", (state) => state.me.state === "Waiting"],
	["outage", (state, flags) => isInTrouble(state, flags, "outage")],
	["cut", (state, flags) => isInTrouble(state, flags, "cut")],
	["call", (state, flags) => state.me.state === "Admitted" && flags.call],
	["ready", (state) => state.me.state === "Admitted"],
];

/** `flags`: problem, asking, lack, elsewhere, full, trouble, call; what only the page knows.
    @param {VisitState} state
    @param {ScreenFlags} flags */
export function screenOf(state, flags) {
	return SCREENS.find(([, holds]) => holds(state, flags))?.[0] ?? "check";
}

/** This browser lacks what a call on this page needs. Where there is none, it lacks nothing.
    @param {VisitState} state
    @param {Pick<OwnFlags, "lack">} flags */
export function isUnable(state, { lack }) {
	return Boolean(lack) && isEmbedded(state) && state.blocked === null;
}

/** @param {VisitState} state
    @param {Pick<ScreenFlags, "trouble" | "call">} flags
    @param {"outage" | "cut"} kind */
function isInTrouble(state, { trouble, call }, kind) {
	return state.me.state === "Admitted" && !call && trouble?.kind === kind;
}

/** @param {VisitState} state
    @returns {OverReason | null} */
export function overReason(state) {
	return OVER[state.status] || (state.phase === "closed" ? "expired" : null);
}

/** There is no way into the call from here, so no use for a camera.
    @param {VisitState} state */
export function isOut(state) {
	return overReason(state) !== null || ["Declined", "Removed"].includes(state.me.state);
}

/** @param {VisitState} state */
export function isHost(state) {
	return state.me.role === "Host";
}

/** The call, or an attempt at one, has to stop now.
    @param {VisitState} state */
export function mustHangUp(state) {
	return state.me.state !== "Admitted" || overReason(state) !== null || state.blocked !== null;
}

/** @param {VisitState} state */
export function isEmbedded(state) {
	return state.provider.embedded;
}

/** The call one was in goes on under another name.
    @param {VisitState} state
    @param {string | null} name */
export function hasMoved(state, name) {
	const now = state.provider.call;
	return Boolean(name && now) && name !== now && !mustHangUp(state);
}

/** A page that comes into a visit knowing nothing of what this person has switched off there.
    @param {VisitState} state
    @param {boolean} isReload */
export function isUnsure(state, isReload) {
	return state.me.state === "Admitted" || (isReload && state.me.state !== "Invited");
}

/** Admitted by a host since the last state: no second click is needed. The page may have missed the waiting in between.
    @param {VisitState | null} before
    @param {VisitState} state */
export function isLetIn(before, state) {
	return Boolean(before && !isHost(state) && before.me.state !== "Admitted" && !mustHangUp(state));
}

/** @param {VisitState | null} before
    @param {VisitState} state */
export function isSentBack(before, state) {
	return Boolean(before && before.me.state === "Admitted" && state.me.state === "Waiting");
}

/** The clinic's doing, not a host's or one's own; `already` until one is in again.
    @param {VisitState | null} before
    @param {VisitState} state
    @param {boolean} already */
export function isPutOut(before, state, already) {
	if (isIn(state)) return false;
	return already || Boolean(before && isIn(before) && state.me.state === "Invited");
}

/** @param {VisitState} state */
function isIn(state) {
	return ["Waiting", "Admitted"].includes(state.me.state);
}

/** A page that was in the visit and was loaded again.
    @param {VisitState | null} before
    @param {VisitState} state */
export function isBack(before, state) {
	return !before && state.me.state === "Admitted" && state.phase === "open" && !mustHangUp(state);
}

/** The clinician shown first: one who is in the call, else any.
    @param {VisitState} state */
export function hostOf(state) {
	const hosts = state.people.filter((person) => person.role === "Host");
	return hosts.find((person) => person.present) || hosts[0] || null;
}

/** @param {VisitState} state */
export function hostIsHere(state) {
	const host = hostOf(state);
	if (!host) return false;
	return host.present || (!isEmbedded(state) && host.state === "Admitted");
}

/** Who may be in the call with me, as media needs to know it.
    @param {VisitState} state */
export function peersOf(state) {
	return state.people
		.filter((person) => person.state === "Admitted" && person.pseudonym)
		.map(({ pseudonym, present }) => ({ pseudonym, present }));
}

/** @param {VisitState} state
    @param {string} pseudonym */
export function personOf(state, pseudonym) {
	return state.people.find((person) => person.pseudonym === pseudonym) || null;
}

/** @param {VisitState} state
    @param {string} pseudonym */
export function nameOf(state, pseudonym) {
	const person = personOf(state, pseudonym);
	return person ? person.display_name : "";
}

/** Whether there is another way to meet that this person may use.
    @param {VisitState} state */
export function isOffered(state) {
	return Boolean(state.fallback && state.fallback.active);
}

/** The host's list: those who wait first, longest first; each with what the host may do to them.
    @param {VisitState} state
    @returns {QueueEntry[]} */
export function queueOf(state) {
	return [...state.people].sort(byUrgency).map((person) => ({
		...person,
		actions: person.role === "Host" ? [] : ACTIONS_BY_STATE[person.state] || [],
	}));
}

/** @param {ParticipantEntry} a
    @param {ParticipantEntry} b */
function byUrgency(a, b) {
	const [first, second] = [a, b].map(rankOf);
	return first - second || String(a.waiting_since).localeCompare(String(b.waiting_since));
}

/** Who can be acted on first: those who wait, those who are about to, then everybody else.
    @param {ParticipantEntry} person */
function rankOf(person) {
	if (isAway(person)) return 0.5;
	return isArriving(person) ? 0.7 : PEOPLE_ORDER.indexOf(person.state);
}

/** @param {VisitState} state */
export function waitingOf(state) {
	return state.people.filter((person) => person.state === "Waiting" && !isAway(person));
}

/** Waiting, with the page closed.
    @param {ParticipantEntry} person */
export function isAway(person) {
	return person.state === "Waiting" && person.seen === false;
}

/** @param {VisitState} state */
export function awayOf(state) {
	return state.people.filter(isAway);
}

/** The page is open, and Enter was not pressed yet.
    @param {ParticipantEntry} person */
export function isArriving(person) {
	return person.state === "Invited" && person.seen === true;
}

/** @param {VisitState} state */
export function arrivingOf(state) {
	return state.people.filter(isArriving);
}

/** @param {VisitState} state */
export function inCallOf(state) {
	return state.people.filter((person) => person.present);
}

/** A page that asks as a sign of life: hosts see who has it open.
    @param {VisitState} state
    @param {Call | null} call */
export function isOutside(state, call) {
	return Boolean(state) && !isHost(state) && !call && !isOut(state);
}

/** What goes with that sign: a browser that cannot call, for the hosts to know.
    @param {VisitState} state
    @param {Pick<OwnFlags, "lack">} flags */
export function signOf(state, flags) {
	return isUnable(state, flags) ? { lack: flags.lack } : {};
}

/** Came, or would come, for the first time after the beginning.
    @param {VisitState} state */
export function isLate(state) {
	if (isHost(state) || state.me.was_admitted) return false;
	if (!["Invited", "Waiting"].includes(state.me.state)) return false;
	const came = state.me.waiting_since || state.now;
	return Date.parse(came) - Date.parse(state.starts_on) >= LATE_MS;
}

const LATE_MS = 60000;

/** Those who wait now and did not before.
    @param {VisitState | null} before
    @param {VisitState} state */
export function arrivals(before, state) {
	const known = new Set(before ? waitingOf(before).map((person) => person.participant) : []);
	return waitingOf(state).filter((person) => !known.has(person.participant));
}

/** Milliseconds until to ask again. `live`: nudges come; without them an arrival still has to be noticed within 3 s.
    `untilOpen`: milliseconds until the visit opens.
    @param {VisitState} state
    @param {{ live: boolean, failing: boolean, untilOpen: number }} asking */
export function pauseOf(state, { live, failing, untilOpen }) {
	if (!state || failing) return 3000;
	if (overReason(state)) return 60000;
	const usual = live || state.phase === "early" ? 15000 : 2500;
	return state.phase === "early" ? Math.max(500, Math.min(usual, untilOpen + 200)) : usual;
}

/** Only what a browser opens safely: no `javascript:` and the like.
    @param {string} text */
export function safeUrl(text) {
	try {
		const url = new URL(text);
		return url.protocol === "https:" ? url.href : null;
	} catch {
		return null;
	}
}

/** @param {string} url */
export function siteOf(url) {
	return new URL(url).hostname;
}

const TITLES = new Set(
	"dr drs prof professor doctor mr mrs ms miss mx sir dame rev hon herr frau med dipl ing mag sr sra dra dott pr mme mlle".split(
		" "
	)
);
const AFTER_NAMES = new Set("md do phd rn np pa msc bsc ma ba frcp mrcp jr sr esq".split(" "));

/** Of the name alone: neither what stands before it nor, after a comma, what stands behind it.
    @param {string} full */
function namesIn(full) {
	const plain = (/** @type {string} */ word) => word.toLowerCase().replaceAll(".", "");
	const [name, ...behind] = full.split(",");
	const rest = behind.filter(
		(part) =>
			!part
				.split(/\s+/)
				.filter(Boolean)
				.every((word) => AFTER_NAMES.has(plain(word)))
	);
	const words = [name, ...rest]
		.join(" ")
		.split(/\s+/)
		.filter((word) => /^[\p{L}\p{N}]/u.test(word));
	const first = words.findIndex((word) => !TITLES.has(plain(word)));
	return first > 0 ? words.slice(first) : words;
}

/** @param {string} name */
export function initialsOf(name) {
	const words = namesIn(name);
	const picked = words.length > 1 ? [words[0], words[words.length - 1]] : words;
	return picked.map((word) => Array.from(word)[0].toLocaleUpperCase()).join("");
}
