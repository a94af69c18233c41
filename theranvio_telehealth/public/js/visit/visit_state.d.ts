/* Made of services/visit_state.py by scripts/state_types.py. */

type Adapter = "Amazon Chime SDK" | "Peer-to-Peer" | "External Link" | "Fake";
type Lack = "insecure" | "calls" | "devices";
type ParticipantState = "Invited" | "Waiting" | "Admitted" | "Declined" | "Left" | "Removed";
type Phase = "early" | "open" | "closed";
type Role = "Host" | "Client" | "Guardian" | "Interpreter" | "Guest";
type RoomStatus = "Scheduled" | "Live" | "Ended" | "Expired" | "Revoked";
type Why = "host" | "time" | "not_held" | "cancelled" | "no_show" | "video_off" | "deleted";

interface VisitState {
	room: string;
	status: RoomStatus;
	phase: Phase;
	now: string;
	opens_on: string;
	starts_on: string;
	ends_on: string;
	closes_on: string;
	extends_to: string | null;
	locked: boolean;
	provider: ProviderState;
	blocked: BlockedState | null;
	fallback: FallbackState | null;
	about: AboutState;
	over: EndingState | null;
	me: OwnState;
	people: ParticipantEntry[];
}

interface ProviderState {
	adapter: Adapter | "";
	embedded: boolean;
	end_to_end_encrypted: boolean;
	carrier: string;
	call: string;
}

interface BlockedState {
	code: string;
}

interface FallbackState {
	url: string;
	active: boolean;
}

interface AboutState {
	clinic: string;
	clinician: string;
	patient: string;
	zone: string;
}

interface EndingState {
	why: Why;
	by_me: boolean;
}

interface OwnState {
	role: Role;
	display_name: string;
	participant: string | null;
	state: ParticipantState;
	waiting_since: string | null;
	was_admitted: boolean;
	attendee: boolean;
}

interface ParticipantEntry {
	participant: string;
	role: Role;
	display_name: string;
	state: ParticipantState;
	present: boolean;
	seen: boolean;
	lack: Lack | "";
	waiting_since: string | null;
	pseudonym: string;
}

interface JoinAnswer {
	state: VisitState;
	attendee: string;
	adapter: Adapter | "";
	credentials: Record<string, any>;
}

interface SignalAnswer {
	messages: Record<string, any>[];
}

interface WaitingAnswer {
	waiting: WaitingLine[];
}

interface WaitingLine {
	room: string;
	participant: string;
	display_name: string;
	waiting_since: string | null;
}
