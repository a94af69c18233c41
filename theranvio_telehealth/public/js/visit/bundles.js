/* Fetches the script that opens an adapter's media, where this page has not brought it along. Each at most once. */
import { Refusal } from "./api.js";
import { opener } from "./media/registry.js";
import { __ } from "./words.js";

/** `urls` says where the script of an adapter is; `load` resolves once it has run.
    @param {Record<string, string>} [urls]
    @param {(url: string) => Promise<unknown>} [load] */
export function createBundles(urls = {}, load = loadScript) {
	const loading = new Map();

	/** @param {string} adapter */
	function fetched(adapter) {
		if (!loading.has(adapter)) loading.set(adapter, load(urls[adapter]));
		return loading.get(adapter);
	}

	return {
		/** Early, so that joining does not have to wait for it. An error is shown when the bundle is needed.
		    @param {string} adapter */
		prefetch(adapter) {
			if (!opener(adapter) && urls[adapter]) fetched(adapter).catch(() => loading.delete(adapter));
		},
		/** The adapter's opener. Refused with `no_media` where this page has none.
		    @param {string} adapter
		    @returns {Promise<Opener>} */
		async openerOf(adapter) {
			if (!opener(adapter) && urls[adapter]) await fetched(adapter).catch(() => failed(adapter));
			if (!opener(adapter))
				throw new Refusal(
					"no_media",
					__("This page cannot show this kind of video. Please contact the clinic.")
				);
			return /** @type {Opener} */ (opener(adapter));
		},
	};

	/** @param {string} adapter
	    @returns {never} */
	function failed(adapter) {
		loading.delete(adapter);
		throw new Refusal(
			"not_loaded",
			__(
				"The part of this page that carries the video did not load. Check your connection and try again."
			)
		);
	}
}

/** @param {string} url
    @returns {Promise<unknown>} */
export function loadScript(url) {
	return new Promise((resolve, reject) => {
		const script = document.createElement("script");
		script.src = url;
		script.onload = resolve;
		script.onerror = () => {
			script.remove();
			reject(new Error("not loaded"));
		};
		document.head.append(script);
	});
}
