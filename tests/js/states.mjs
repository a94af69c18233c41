/* States as a host would send them, for the tests of what the page makes of them. */
const NOW = "2027-03-01T14:40:00.000Z";

export function person(overrides = {}) {
	return {
		participant: "p1",
		role: "Client",
		display_name: "Maria Lopez",
		state: "Invited",
		present: false,
		lack: "",
		waiting_since: null,
		pseudonym: "",
		...overrides,
	};
}

export const doctor = (overrides = {}) =>
	person({ participant: "d1", role: "Host", display_name: "Dr. Ada Adams", ...overrides });

export function stateOf({ me = {}, people = [], ...overrides } = {}) {
	return {
		room: "3f",
		status: "Live",
		phase: "open",
		now: NOW,
		opens_on: "2027-03-01T14:30:00.000Z",
		starts_on: "2027-03-01T14:45:00.000Z",
		ends_on: "2027-03-01T15:35:00.000Z",
		closes_on: "2027-03-01T16:05:00.000Z",
		extends_to: null,
		locked: false,
		provider: { adapter: "Peer-to-Peer", embedded: true, end_to_end_encrypted: true },
		blocked: null,
		fallback: null,
		about: { clinic: "Harbour Clinic", clinician: "Dr. Ada Adams", patient: "Maria Lopez", zone: "" },
		over: null,
		me: {
			role: "Client",
			state: "Invited",
			display_name: "Me",
			waiting_since: null,
			participant: "m",
			attendee: false,
			...me,
		},
		people,
		...overrides,
	};
}

export const hostState = ({ me = {}, ...overrides } = {}) =>
	stateOf({ me: { role: "Host", state: "Admitted", ...me }, ...overrides });
