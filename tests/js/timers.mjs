/* Timers that move only when the test moves them. */
export function createTimers() {
	let time = 0;
	let next = 1;
	const waiting = new Map();
	const add = (callback, delay, every) => {
		waiting.set(next, { callback, at: time + delay, every });
		return next++;
	};
	const due = (until) =>
		[...waiting].filter(([, { at }]) => at <= until).sort(([, a], [, b]) => a.at - b.at)[0];
	return {
		setTimeout: (callback, delay = 0) => add(callback, delay, null),
		setInterval: (callback, delay) => add(callback, delay, delay),
		clearTimeout: (id) => waiting.delete(id),
		clearInterval: (id) => waiting.delete(id),
		now: () => time,
		/** Runs what falls due within so many milliseconds, in order, with all its promises. */
		async advance(by) {
			const until = time + by;
			for (let found = due(until); found; found = due(until)) {
				const [id, timer] = found;
				time = timer.at;
				if (timer.every) timer.at += timer.every;
				else waiting.delete(id);
				timer.callback();
				await settle();
			}
			time = until;
		},
	};
}

/** Lets every promise that can be settled be settled. */
export function settle() {
	return new Promise((resolve) => setImmediate(resolve));
}
