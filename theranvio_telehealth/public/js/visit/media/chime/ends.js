/* What it means to this page that Amazon's client has stopped, for each of its status codes by name. Pure.

Ways: left (we asked for it), elsewhere (the same person joined again), out (the host's state says why), full,
cut (a sentence and another try). `why` names the sentence of a cut: see `view/trouble.js`. */
/** @type {(why: CutReason) => CallEnd} */
const cut = (why) => ({ way: "cut", why });
/** @type {CallEnd} */
const LEFT = { way: "left" };
/** @type {CallEnd} */
const ELSEWHERE = { way: "elsewhere" };
/** @type {CallEnd} */
const OUT = { way: "out" };
/** @type {CallEnd} */
const FULL = { way: "full" };

/** @type {Record<string, CallEnd>} */
export const ENDS = {
	OK: cut("service"),
	Left: LEFT,
	AudioJoinedFromAnotherDevice: ELSEWHERE,
	AudioAuthenticationRejected: OUT,
	AudioCallAtCapacity: FULL,
	MeetingEnded: OUT,
	AudioInternalServerError: cut("service"),
	AudioServiceUnavailable: cut("service"),
	AudioDisconnected: cut("connection"),
	VideoCallSwitchToViewOnly: cut("cameras"),
	VideoCallAtSourceCapacity: cut("cameras"),
	SignalingBadRequest: OUT,
	SignalingInternalServerError: cut("connection"),
	SignalingRequestFailed: cut("service"),
	SignalingChannelClosedUnexpectedly: cut("connection"),
	ICEGatheringTimeoutWorkaround: cut("network"),
	ConnectionHealthReconnect: cut("connection"),
	RealtimeApiFailed: cut("browser"),
	TaskFailed: cut("connection"),
	IncompatibleSDP: cut("browser"),
	TURNCredentialsForbidden: cut("connection"),
	NoAttendeePresent: cut("network"),
	AudioAttendeeRemoved: OUT,
	AudioVideoWasRemovedFromPrimaryMeeting: cut("service"),
	AudioVideoDisconnectedWhilePromoted: cut("service"),
	AudioDisconnectAudio: cut("connection"),
	EncodedTransformManagerFailed: cut("browser"),
};

/** @param {string} name */
export function endOf(name) {
	return ENDS[name] || cut("service");
}
