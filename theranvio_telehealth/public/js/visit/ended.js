/* A call that has stopped by itself. Whatever its media say of the reason, the host decides what follows. */
import { __ } from "./words.js";

export function ended(visit, { way, why }) {
	const { attendee, name } = visit.call;
	visit.lost = name;
	visit.hangUp();
	if (way === "elsewhere") visit.facts.elsewhere = true;
	if (way === "full") visit.facts.full = FULL();
	if (way === "cut") visit.facts.trouble = { kind: "cut", why };
	if (way === "out") askWhy(visit, attendee);
	else visit.poll.now();
	visit.paint();
}

/** The media let this join go: for another tab, which makes it worthless, for the room, or for nothing. */
function askWhy(visit, attendee) {
	visit.facts.asking = true;
	visit.api.post("visit.heartbeat", { attendee }).then(
		(state) => visit.accept(state),
		(error) => visit.refusedBehind(error)
	);
}

const FULL = () => __("Everyone this kind of call can hold is already in it. Someone has to leave first.");
