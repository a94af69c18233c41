/* The call as the page knows it, whatever carries it: joining, the others' pictures, heartbeat, leaving. */
import { Refusal } from "./api.js";
import { opener } from "./media/registry.js";
import { __ } from "./words.js";

const BEAT_MS = 10000;

/** `hooks` has state(json), changed(), lookAgain() and refused(error); `local` is this person's own media. */
export async function joinCall({ api, local, hooks, timers = globalThis }) {
	const { state, attendee, adapter, credentials } = await api.post("visit.join");
	const open = opener(adapter);
	if (!open)
		throw new Refusal(
			"no_media",
			__("This page cannot show this kind of video. Please contact the clinic.")
		);
	hooks.state(state);
	return createCall({ open, attendee, credentials, api, local, hooks, timers });
}

function createCall({ open, attendee, credentials, api, local, hooks, timers }) {
	const call = { attendee, status: "alone", link: null, remotes: new Map() };
	const changed = () => !call.closed && hooks.changed();
	const media = open({
		credentials,
		tracks: local.tracks(),
		about: local.about(),
		signal: (messages) => api.post("visit.signal", { attendee, messages }),
		on: {
			refused: (error) => refused(error),
			stranger: () => hooks.lookAgain(),
			link: (url) => (call.link = url),
			status(word) {
				call.status = word;
				changed();
			},
			remote(pseudonym, remote) {
				if (remote) call.remotes.set(pseudonym, remote);
				else call.remotes.delete(pseudonym);
				changed();
			},
		},
	});
	const refused = (error) => !call.closed && hooks.refused(error);
	const beat = () => api.post("visit.heartbeat", { attendee }).then(hooks.state, refused);
	const timer = timers.setInterval(beat, BEAT_MS);
	return Object.assign(call, {
		people: media.people,
		poke: media.poke,
		localChanged(kind) {
			media.replace(kind, local.tracks()[kind]);
			media.about(local.about());
		},
		close() {
			call.closed = true;
			timers.clearInterval(timer);
			media.close();
		},
	});
}
