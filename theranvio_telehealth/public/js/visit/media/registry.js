/* Which adapter's media this page can open. Stored on `globalThis`, so that a bundle loaded beside this one can add its own.

An opener is given { credentials, tracks, about, signal, on } and returns { people, poke, replace, about, close } and,
where it can, { share, say }:
  tracks   { audio, video }: what to send, each a MediaStreamTrack or null
  about    { audio, video }: whether this person can be heard and seen
  signal   (messages) => promise of { messages }: the host's mailbox, for those who need one
  on       status(word), remote(pseudonym, { sound, picture, audio, video } or null), link(url), refused(error),
           stranger(): a person is heard whom `people` has not named;
           sound(stream or null): everybody's, where it comes as one; screen(pseudonym, stream or null),
           sharing(off, on or refused): this person's own screen; speaking(pseudonyms), message(pseudonym, text),
           why(word or null): why no connection comes about, see relay.js; poor(bool): this person's connection; unseen(): this person's camera is not shown to the others;
           ended({ way, why }): it stopped by itself and stays so, see chime/ends.js
  people   ([{ pseudonym, present }]) the others who are admitted: nothing is sent to, or shown of, any other person
  poke     () something may have come in
  replace  (kind, track or null)
  share    { start, stop } for this person's screen; `start` rejects as `getDisplayMedia` does
  say      (text) whether it was sent
Status words: alone, connecting, connected, reconnecting, trouble. */
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
