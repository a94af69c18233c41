/* The host's endpoints as promises; a refusal becomes a `Refusal`. Knows HTTP, not what a visit is. */
import { __ } from "./words.js";

/** Refusals after which the page asks no more, and those that end the call. */
export const FINAL = new Set(["sign_in", "csrf", "not_found"]);
export const NOT_IN_CALL = new Set([
	"not_admitted",
	"declined",
	"removed",
	"visit_over",
	"window_closed",
	"phi_not_permitted",
]);

/** What a host does to a participant, by its endpoint. */
export const ENDPOINTS = /** @type {Record<HostAction, StateEndpoint>} */ ({
	admit: "host.admit",
	decline: "host.decline",
	"send-back": "host.send_back",
	remove: "host.remove",
});

const TIMEOUT_MS = 15000;

export class Refusal extends Error {
	/** @param {string} code
	    @param {string} message */
	constructor(code, message) {
		super(message);
		this.code = code;
	}
}

/** What the page asks by itself. That its person was put out is an answer to that, and no error in the browser's console. */
const BY_ITSELF = new Set(["visit.state", "visit.heartbeat", "visit.signal"]);
/** @type {(name: Endpoint) => Record<string, string>} */
const quiet = (name) => (BY_ITSELF.has(name) ? { "X-Refusal-Status": "200" } : {});

/** @param {Pick<Boot, "csrf_token" | "room">} boot
    @returns {Api} */
export function createApi({ csrf_token: token, room }, fetch = window.fetch.bind(window)) {
	const address = (/** @type {Endpoint} */ name) => `/api/method/theranvio_telehealth.api.${name}`;
	return {
		get: (name) =>
			ask(fetch, `${address(name)}?${new URLSearchParams({ room })}`, {
				method: "GET",
				headers: quiet(name),
			}),
		post: (name, body = {}) =>
			ask(fetch, address(name), {
				method: "POST",
				headers: { "Content-Type": "application/json", "X-Frappe-CSRF-Token": token, ...quiet(name) },
				body: JSON.stringify({ room, ...body }),
			}),
	};
}

/** @param {typeof window.fetch} fetch
    @param {string} url
    @param {RequestInit} options */
async function ask(fetch, url, options) {
	const abort = new AbortController();
	const timer = setTimeout(() => abort.abort(), TIMEOUT_MS);
	try {
		return await answer(await fetch(url, { ...COMMON, ...options, signal: abort.signal }));
	} catch (error) {
		throw error instanceof Refusal ? error : unreachable();
	} finally {
		clearTimeout(timer);
	}
}

/** @type {RequestInit} */
const COMMON = {
	credentials: "same-origin",
	cache: "no-store",
	redirect: "error",
	referrerPolicy: "no-referrer",
};

/** @param {Response} response */
async function answer(response) {
	const body = await response.json();
	if (response.ok && (body.message || body.data)) return body.message || body.data;
	throw refusal(response.status, body);
}

/** @param {number} status
    @param {any} body */
function refusal(status, body) {
	if (body.error) return new Refusal(body.error.code, body.error.message);
	if (body.exc_type === "CSRFTokenError")
		return new Refusal("csrf", __("This page is out of date. Reload it and try again."));
	if (status === 401 || body.session_expired)
		return new Refusal("sign_in", __("You are not signed in. Sign in and open the visit again."));
	return unreachable();
}

function unreachable() {
	return new Refusal(
		"unreachable",
		__("The clinic cannot be reached right now. Check your connection; we keep trying.")
	);
}
