/* What fails beside the visit is reported, and the visit goes on. */
/** @template T, [U=null]
    @param {() => T} run
    @param {U} [otherwise] what stands in its place
    @returns {T | U} */
export function attempt(run, otherwise = /** @type {any} */ (null)) {
	try {
		return run();
	} catch (error) {
		report(error);
		return otherwise;
	}
}

/** As the browser reports what nothing has caught: in its console.
    @param {unknown} error */
export function report(error) {
	if (globalThis.reportError) globalThis.reportError(error);
}

/** The same functions, none of which can stop who calls it.
    @template {object} T
    @param {T} functions
    @returns {T} */
export function guarded(functions) {
	const entries = Object.entries(functions).map(([name, run]) => [
		name,
		(/** @type {unknown[]} */ ...given) => attempt(() => run(...given)),
	]);
	return /** @type {T} */ (Object.fromEntries(entries));
}
