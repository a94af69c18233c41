/* What only the page knows, when it begins. */
import { lackOf } from "./local_media.js";

/** `panel`: whether there is room for it beside the call.
    @param {boolean} panel
    @returns {OwnFlags} */
export function createFlags(panel) {
	return {
		problem: null,
		alert: null,
		elsewhere: false,
		full: null,
		trouble: null,
		asking: false,
		joining: false,
		sentBack: false,
		putOut: false,
		limit: null,
		wasIn: false,
		lack: lackOf(),
		quiet: false,
		sound: true,
		whole: false,
		panel,
		chat: false,
		others: [],
	};
}
