/* When this page uses camera and microphone: only where their picture is shown, and off where it is not known. */
import { isEmbedded, isUnsure } from "./state.js";

const PICTURED = new Set(["check", "waiting", "ready", "call"]);
const BY_ITSELF = new Set(["check", "waiting"]);

export class OwnDevices {
	constructor({ local, isPermitted, isReload }) {
		Object.assign(this, { local, isPermitted, isReload, where: "" });
	}

	/** The first state of this page: what was switched off before it was loaded stays off. */
	begin(state) {
		if (!this.local.isRemembered && isUnsure(state, this.isReload())) this.local.silence();
	}

	/** The page shows this screen. What is used on one without a picture is what a person turns on there. */
	at(screen, state) {
		const where = state && isEmbedded(state) ? screen : "";
		if (where === this.where || where === "loading") return null;
		this.where = where;
		if (!PICTURED.has(where)) return this.local.release();
		return BY_ITSELF.has(where) && state.me.state !== "Left" ? this.preview() : null;
	}

	async preview() {
		if ((await this.isPermitted()) && PICTURED.has(this.where)) await this.local.start();
	}
}
