/* The speaker chosen is a wish: what cannot be used gives way to the one of the system. */
export async function routeTo(audio, id) {
	if (!audio.setSinkId || audio.sinkId === id) return;
	await audio.setSinkId(id).catch(() => id && routeTo(audio, ""));
}

/** Devices have come or gone: `devices` are those of now. */
export function reroute(voices, id, devices) {
	const isThere = devices.some((device) => device.kind === "audiooutput" && device.deviceId === id);
	return Promise.all(voices.map((audio) => routeTo(audio, isThere ? id : "")));
}
