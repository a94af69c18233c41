/* Letters to and from the other browser by way of the host: in order, one request at a time. Knows no WebRTC. */
const MOST = 64;
const GATHER_MS = 5;
const EVERY_MS = 1000;
const PASSING = new Set(["unreachable", "too_many_requests", "failed"]);

export class Mailbox {
	/** @param {{ signal: MediaRequest["signal"], receive: (letter: Letter) => void, refused: (error: unknown) => void, timers?: Timers, now?: () => number }} given */
	constructor({ signal, receive, refused, timers = globalThis, now = Date.now }) {
		this.signal = signal;
		this.receive = receive;
		this.refused = refused;
		this.timers = timers;
		this.now = now;
		/** @type {{ data: object }[]} */
		this.queue = [];
		this.due = Infinity;
		this.timer = 0;
		this.busy = false;
		this.again = false;
		this.hurry = false;
		this.closed = false;
	}

	/** @param {Signal} data */
	send(data) {
		this.queue.push({ data });
		this.plan(GATHER_MS);
	}

	/** Something may have come in. */
	poke() {
		this.plan(0);
	}

	/** While urgent, it asks every second, whether or not anybody nudges.
	    @param {boolean} now */
	urgent(now) {
		this.hurry = now;
		if (now) this.plan(EVERY_MS);
	}

	close() {
		this.closed = true;
		this.timers.clearTimeout(this.timer);
	}

	/** @param {number} delay */
	plan(delay) {
		const at = this.now() + delay;
		if (this.closed || at >= this.due) return;
		this.timers.clearTimeout(this.timer);
		this.due = at;
		this.timer = this.timers.setTimeout(() => this.turn(), delay);
	}

	async turn() {
		this.due = Infinity;
		this.again = this.busy;
		if (this.busy) return;
		this.busy = true;
		const fine = await this.exchange();
		this.busy = false;
		if (!fine) this.plan(EVERY_MS);
		else if (this.queue.length || this.again) this.plan(0);
		else if (this.hurry) this.plan(EVERY_MS);
	}

	async exchange() {
		const sending = this.queue.splice(0, MOST);
		try {
			const { messages } = await this.signal(sending);
			if (!this.closed) messages.forEach((letter) => this.receive(letter));
			return true;
		} catch (/** @type {any} */ error) {
			if (PASSING.has(error.code)) this.queue = [...sending, ...this.queue];
			else if (!this.closed) this.refused(error);
			return false;
		}
	}
}
