/** What a view is given: the server's state, the page's own flags, and what its buttons do. */
interface Page {
	state: VisitState;
	flags: any;
	actions: any;
}

/** A line of the host's list, with what the host may do to that participant. */
interface QueueEntry extends ParticipantEntry {
	actions: string[];
}
