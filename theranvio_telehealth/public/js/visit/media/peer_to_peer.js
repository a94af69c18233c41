/* Peer-to-peer media: a peer and the mailbox that carries its letters. */
import { Mailbox } from "./mailbox.js";
import { Peer } from "./peer.js";
import { register } from "./registry.js";

register("Peer-to-Peer", ({ credentials, tracks, about, signal, on }) => {
	const mailbox = new Mailbox({
		signal,
		receive: (letter) => peer.receive(letter),
		refused: on.refused,
	});
	const peer = new Peer({
		credentials,
		tracks,
		about,
		send: (data) => mailbox.send(data),
		on: {
			status: on.status,
			remote: on.remote,
			stranger: on.stranger,
			poor: on.poor,
			why: on.why,
			urgent: (now) => mailbox.urgent(now),
		},
	});
	return {
		people: (others) => peer.people(others),
		poke: () => mailbox.poke(),
		replace: (kind, track) => peer.replace(kind, track),
		about: (flags) => peer.about(flags),
		close() {
			peer.close();
			mailbox.close();
		},
	};
});
