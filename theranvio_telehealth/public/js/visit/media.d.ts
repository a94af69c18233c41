/* What the page and the media of a call give each other: media/registry.js. */

type Kind = "audio" | "video";
type Switches = Record<Kind, boolean>;
type Tracks = Record<Kind, MediaStreamTrack | null>;
type Credentials = JoinAnswer["credentials"];
type CallStatus = "alone" | "connecting" | "connected" | "reconnecting" | "trouble";
type RelayProblem = "relay-silent" | "relay-refused";
type CutReason = "connection" | "network" | "cameras" | "browser" | "service";
type SharingChange = "off" | "on" | "refused";

/** What is shown of another person. */
interface Remote extends Switches {
	sound: MediaStream | null;
	picture: MediaStream | null;
}

type CallEnd = { way: "left" | "elsewhere" | "out" | "full" } | { way: "cut"; why: CutReason };

/** Another person who is admitted. */
interface PeerEntry {
	pseudonym: string;
	present: boolean;
}

/** Of peer-to-peer media: what one browser sends the other. */
interface Signal {
	hello?: boolean;
	of?: string;
	to?: string | null;
	description?: RTCSessionDescription | null;
	candidate?: RTCIceCandidate;
}

interface Letter {
	from: string;
	data: Signal;
}

interface MediaEvents {
	status(word: CallStatus): void;
	remote(pseudonym: string, remote: Remote | null): void;
	link(url: string | null): void;
	refused(error: unknown): void;
	stranger(): void;
	sound(stream: MediaStream | null): void;
	screen(pseudonym: string, stream: MediaStream | null): void;
	sharing(change: SharingChange): void;
	speaking(pseudonyms: string[]): void;
	message(pseudonym: string, text: string): void;
	why(problem: RelayProblem | null): void;
	poor(isPoor: boolean): void;
	unseen(): void;
	ended(end: CallEnd): void;
}

interface MediaRequest {
	credentials: Credentials;
	tracks: Tracks;
	about: Switches;
	signal(messages: { data: Signal }[]): Promise<{ messages: Letter[] }>;
	on: MediaEvents;
}

interface ScreenShare {
	start(): Promise<void>;
	stop(): void;
}

interface Media {
	people(others: PeerEntry[]): void;
	poke(): void;
	replace(kind: Kind, track: MediaStreamTrack | null): unknown;
	about(switches: Switches): void;
	close(): void;
	share?: ScreenShare | null;
	say?(text: string): boolean;
}

type Opener = (request: MediaRequest) => Media;

/* What the page's bundles leave for each other. */
declare var theranvioMedia: Map<string, Opener> | undefined;
declare var theranvioSocket: typeof import("socket.io-client").io;

/** What is used of a report of `getStats`. */
interface Report {
	type: string;
	packetsLost?: number;
	packetsReceived?: number;
	fractionLost?: number;
	currentRoundTripTime?: number;
	nominated?: boolean;
	state?: string;
}

/** Packets so far. */
type Totals = { lost: number; received: number };

/** What one connection to another person reports. */
interface PeerEvents extends Pick<MediaEvents, "status" | "remote" | "stranger" | "poor" | "why"> {
	/** Whether letters have to come fast. */
	urgent(isUrgent: boolean): void;
}
