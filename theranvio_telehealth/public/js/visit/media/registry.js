/* Which adapter's media this page can open. Stored on `globalThis`, so that a bundle loaded beside this one can add its own.
   An opener gets a `MediaRequest` and returns its `Media`: media.d.ts. */
/** @type {Map<string, Opener>} */
const openers = (globalThis.theranvioMedia = globalThis.theranvioMedia || new Map());

/** @param {string} adapter
    @param {Opener} open */
export function register(adapter, open) {
	openers.set(adapter, open);
}

/** @param {string} adapter
    @returns {Opener | undefined} */
export function opener(adapter) {
	return openers.get(adapter);
}
