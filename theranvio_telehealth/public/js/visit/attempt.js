// @ts-check
/* What fails beside the visit is reported, and the visit goes on. */
/** @param {any} [otherwise] what stands in its place */
export function attempt(act, otherwise = null) {
	try {
		return act();
	} catch (error) {
		report(error);
		return otherwise;
	}
}

/** As the browser reports what nothing has caught: in its console. */
export function report(error) {
	if (globalThis.reportError) globalThis.reportError(error);
}

/** The same functions, none of which can stop who calls it. */
export function guarded(functions) {
	return Object.fromEntries(
		Object.entries(functions).map(([name, act]) => [name, (...given) => attempt(() => act(...given))])
	);
}
