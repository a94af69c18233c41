/* Whether this browser can carry a call here, and if not, what it lacks. */
export function lackOf(view = globalThis) {
	if (view.isSecureContext === false) return "insecure";
	if (!view.RTCPeerConnection) return "calls";
	const { mediaDevices } = view.navigator;
	return mediaDevices && mediaDevices.getUserMedia ? null : "devices";
}
