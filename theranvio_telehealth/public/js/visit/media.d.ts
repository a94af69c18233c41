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

/** What media report. */
interface MediaEvents {
	status(word: CallStatus): void;
	remote(pseudonym: string, remote: Remote | null): void;
	/** The visit takes place at this address. */
	link(url: string | null): void;
	refused(error: unknown): void;
	/** There is a person whom `people` has not named. */
	stranger(): void;
	/** Of everybody, where it comes as one. */
	sound(stream: MediaStream | null): void;
	screen(pseudonym: string, stream: MediaStream | null): void;
	/** This person's own screen. */
	sharing(change: SharingChange): void;
	speaking(pseudonyms: string[]): void;
	message(pseudonym: string, text: string): void;
	/** Why no connection comes about: relay.js. */
	why(problem: RelayProblem | null): void;
	/** This person's connection is weak. */
	poor(isPoor: boolean): void;
	/** This person's camera is not shown to the others. */
	unseen(): void;
	/** The call stopped by itself and stays so: chime/ends.js. */
	ended(end: CallEnd): void;
}

interface MediaRequest {
	credentials: Credentials;
	/** What to send. */
	tracks: Tracks;
	/** Whether this person can be heard and seen. */
	about: Switches;
	/** The host's mailbox, for media that need one. */
	signal(messages: { data: Signal }[]): Promise<{ messages: Letter[] }>;
	on: MediaEvents;
}

interface ScreenShare {
	/** Rejects as `getDisplayMedia` does. */
	start(): Promise<void>;
	stop(): void;
}

interface Media {
	/** The others who are admitted: nothing is sent to, or shown of, any other person. */
	people(others: PeerEntry[]): void;
	/** Something may have come in. */
	poke(): void;
	replace(kind: Kind, track: MediaStreamTrack | null): unknown;
	about(switches: Switches): void;
	close(): void;
	/** For this person's screen, where media can. */
	share?: ScreenShare | null;
	/** Whether it was sent. */
	sendMessage?(text: string): boolean;
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
