/* What the parts of the page give each other: the server's answers, the call, the page's own flags, what its buttons do. */

type Visit = import("./app.js").Visit;
type VisitInCall = Visit & { call: Call };
type LocalMedia = import("./local_media.js").LocalMedia;
type Children = import("preact").ComponentChildren;
type Timers = Pick<typeof globalThis, "setTimeout" | "clearTimeout" | "setInterval" | "clearInterval">;
type HostAction = "admit" | "decline" | "send-back" | "remove";

/** What the server wrote into the page: services/page.py. */
interface Boot {
	room: string;
	csrf_token: string;
	lang: string;
	home: string;
	realtime: Realtime;
	media: Record<string, string>;
	messages: Record<string, string>;
}

interface Realtime {
	kind: "socketio" | "sse";
	url: string;
	script: string;
}

interface Nudges {
	isLive(): boolean;
	close(): void;
}

/** Those that answer the visit's state. */
type StateEndpoint =
	| "visit.state"
	| "visit.here"
	| "visit.enter"
	| "visit.leave"
	| "visit.heartbeat"
	| "host.admit"
	| "host.decline"
	| "host.send_back"
	| "host.remove"
	| "host.lock"
	| "host.extend"
	| "host.use_fallback"
	| "host.end";

/** By endpoint, what it answers. */
interface Answers extends Record<StateEndpoint, VisitState> {
	"visit.join": JoinAnswer;
	"visit.signal": { messages: Letter[] };
	"host.waiting": WaitingAnswer;
}

type Endpoint = keyof Answers;

interface Api {
	get<E extends Endpoint>(name: E): Promise<Answers[E]>;
	post<E extends Endpoint>(name: E, body?: object): Promise<Answers[E]>;
}

/** A line of the chat; `name` is null for one's own. */
interface ChatLine {
	number: number;
	name: string | null;
	text: string;
	at: number;
}

/** Of another person. */
interface Message {
	name: string;
	text: string;
	at: number;
}

/** What is known of a call. */
interface CallState {
	attendee: string;
	name: string;
	status: CallStatus;
	link: string | null;
	sound: MediaStream | null;
	sharing: boolean;
	speaking: Set<string>;
	poor: boolean;
	why: RelayProblem | null;
	log: ChatLine[];
	unread: number;
	closed: boolean;
	remotes: Map<string, Remote>;
	screens: Map<string, MediaStream>;
}

interface Call extends CallState, Pick<Media, "people" | "poke" | "close"> {
	share: ScreenShare | null;
	sendMessage: ((text: string) => boolean) | null;
	localChanged(kind: Kind): void;
}

/** What a call tells the page. */
interface CallHooks {
	state(state: VisitState): void;
	changed(): void;
	lookAgain(): void;
	refused(error: unknown): void;
	nameOf(pseudonym: string): string;
	announce(sentence: string): void;
	alert(message: string): void;
	messageReceived(message: Message): void;
	ended(end: CallEnd): void;
}

/** What the page does to its document. */
interface Outputs {
	paint(painted: { state: VisitState; flags: ScreenFlags }): void;
	announce(sentences: string[]): void;
	title(waiting: number): void;
	beep(): void;
	/** Back from elsewhere. */
	called(): void;
	at(screen: ScreenName): void;
	confirm(action: "end" | "remove", person?: ParticipantEntry): Promise<boolean>;
	isWide(): boolean;
	isReload(): boolean;
	/** Whether it does. */
	reloadOnce(): boolean;
}

type ScreenName =
	| "problem"
	| "loading"
	| "over"
	| "removed"
	| "declined"
	| "unable"
	| "elsewhere"
	| "full"
	| "early"
	| "blocked"
	| "waiting"
	| "outage"
	| "cut"
	| "call"
	| "ready"
	| "check";

interface Outage {
	kind: "outage";
	message: string;
}

interface Cut {
	kind: "cut";
	why: CutReason;
}

interface Alert {
	message: string;
	/** Gone when the host can be reached again. */
	passing?: boolean;
}

/** What only the page knows. */
interface OwnFlags {
	problem: { code: string; message: string } | null;
	alert: Alert | null;
	elsewhere: boolean;
	full: string | null;
	trouble: Outage | Cut | null;
	asking: boolean;
	joining: boolean;
	sentBack: boolean;
	putOut: boolean;
	limit: number | null;
	wasIn: boolean;
	lack: Lack | null;
	quiet: boolean;
	sound: boolean;
	whole: boolean;
	panel: boolean;
	chat: boolean;
	others: WaitingLine[];
}

interface ScreenFlags extends OwnFlags {
	busy: Set<string>;
	call: Call | null;
	local: LocalMedia;
}

interface Flags extends ScreenFlags {
	play(audio: HTMLAudioElement): void;
	lang: string;
	home: string;
}

interface Actions {
	enter(): void;
	join(): void;
	leave(): void;
	onPerson(action: HostAction, person: ParticipantEntry): void;
	lock(): void;
	end(): void;
	extend(): void;
	fallback(): void;
	meetElsewhere(): void;
	panel(): void;
	chat(): void;
	closeBeside(): void;
	/** Whether it was sent. */
	write(typed: string): boolean;
	share(): void;
	sound(): void;
	fit(): void;
	dismiss(): void;
	mute(): void;
	camera(): void;
	devicesOn(): void;
	devices(): void;
	mayNotify(): boolean;
	notify(): void;
	hear(): void;
}

/** What a view is given: the server's state, the page's own flags, and what its buttons do. */
interface Page {
	state: VisitState;
	flags: Flags;
	actions: Actions;
}

/** For the screens of which `screenOf` says that these flags are set. */
type PageWith<K extends keyof Flags> = Page & { flags: { [name in K]: NonNullable<Flags[name]> } };

/** A line of the host's list, with what the host may do to that participant. */
interface QueueEntry extends ParticipantEntry {
	actions: HostAction[];
}

type OverReason = "ended" | "cancelled" | "expired";
type Drawing = Parameters<typeof import("./view/icons.js").icon>[0];
/** A title, and what to do. */
type Sentences = [title: () => string, ...text: (() => string)[]];

/** What a person has switched and chosen, remembered over a reload. */
interface Choices {
	wanted: Switches;
	chosen: Record<DeviceKind, string>;
}

type DeviceKind = Kind | "speaker";
type DeviceProblem = "denied" | "system" | "missing" | "busy" | "lost";

interface Memory {
	read(): Choices | null;
	write(choices: Choices): void;
}

/** What measures one microphone. */
interface Ear {
	source: MediaStreamAudioSourceNode;
	analyser: AnalyserNode;
	samples: Float32Array<ArrayBuffer>;
}

interface ButtonSpec {
	/** Names it for tests. */
	action: string;
	label: string;
	press(event: MouseEvent): unknown;
	drawing?: Drawing | null;
	kind?: string;
	/** It stays on the page, so that it keeps the focus, but idle. */
	busy?: boolean;
	/** Without its label. */
	bare?: boolean;
	attributes?: Record<string, unknown>;
}

type CallPage = PageWith<"call">;
type OutagePage = Page & { flags: { trouble: Outage } };
/** What the controls of one's own devices need. */
type Own = { local: LocalMedia; actions: Actions };
type Browser = "chromium" | "firefox" | "safari" | "ios" | "other";

interface DeviceChoice {
	/** The id of what is in use. */
	chosen(kind: DeviceKind): string | undefined;
	choose(kind: DeviceKind, id: string): Promise<unknown>;
}

/** What a call is joined with. */
interface Joining {
	api: Api;
	local: LocalMedia;
	hooks: CallHooks;
}

type Summons = ReturnType<typeof import("./attention.js").createSummons>;

type Poll = ReturnType<typeof import("./poll.js").createPoll>;
type Bundles = ReturnType<typeof import("./bundles.js").createBundles>;
