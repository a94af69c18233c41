/* The page's one object: it holds the state, asks the host, runs the call, and has the page painted. */
import { ENDPOINTS, FINAL, NOT_IN_CALL, Refusal } from "./api.js";
import { hooksOf, joinCall } from "./call.js";
import { createClock } from "./clock.js";
import { createFlags } from "./flags.js";
import { createLimit } from "./limit.js";
import { OwnDevices } from "./local_media.js";
import { createNudges, NO_NUDGES } from "./nudge.js";
import { createOthers } from "./others.js";
import { createPoll } from "./poll.js";
import { heldSentence, announcements } from "./announcements.js";
import * as rules from "./state.js";
import { __ } from "./words.js";

/** How long after a provider did not answer a client's page tries again. */
const AGAIN_MS = 15000;

export class Visit {
	nudges = NO_NUDGES;
	/** None until the first answer. @type {VisitState} */ state = /** @type {any} */ (null);
	/** @type {Call | null} */ call = null;

	/** @param {{ boot: Boot, api: Api, local: LocalMedia, bundles: Bundles, isPermitted: () => Promise<boolean>, out: Outputs }} given */
	constructor({ boot, api, local, bundles, isPermitted, out }) {
		this.boot = boot;
		this.api = api;
		this.local = local;
		this.bundles = bundles;
		this.isPermitted = isPermitted;
		this.out = out;
		/** The name of the call that we are out of, until the host's state says whether it goes on under another. */
		this.lost = /** @type {string | null} */ (null);
		this.clock = createClock();
		this.limit = createLimit(this);
		this.busy = /** @type {Set<string>} */ (new Set());
		this.again = 0;
		this.failures = 0;
		this.flags = createFlags(out.isWide());
		this.poll = createPoll(
			() => this.refresh(),
			() => this.pause()
		);
		this.others = createOthers(this);
		this.own = new OwnDevices({ local, isPermitted, isReload: out.isReload });
		local.onChange = (kind) => this.localChanged(kind);
		local.onHold = (kind, isHeld) => out.announce([heldSentence(kind, isHeld)]);
	}

	start() {
		this.paint();
		this.nudges = createNudges(this.boot.realtime, () => this.lookAgain());
		return this.poll.now();
	}

	/** A nudge came, the network is back, the tab is looked at again. */
	lookAgain() {
		this.poll.now();
		this.others.soon();
		if (this.call) this.call.poke();
	}

	/** The page goes away. That is not leaving: it may be a reload. */
	shut() {
		clearTimeout(this.again);
		this.limit.stop();
		this.poll.stop();
		this.others.stop();
		this.nudges.close();
		this.hangUp();
		this.local.release();
	}

	async refresh() {
		if (this.call && !this.nudges.isLive()) this.call.poke();
		const asked = rules.isOutside(this.state, this.call)
			? this.api.post("visit.here", rules.signOf(this.state, this.flags))
			: this.api.get("visit.state");
		await asked.then(
			(state) => this.accept(state),
			(error) => this.refusedBehind(error)
		);
	}

	pause() {
		return rules.pauseOf(this.state, {
			live: this.nudges.isLive(),
			failing: this.failures > 0,
			untilOpen: this.state ? this.clock.until(this.state.opens_on) : 0,
		});
	}

	/** @param {VisitState} state */
	accept(state) {
		if (this.state && Date.parse(state.now) < Date.parse(this.state.now)) return;
		const before = this.state;
		this.state = state;
		this.flags.asking = false;
		this.clock.sync(state.now);
		this.recovered();
		this.follow(before, state);
		this.paint();
	}

	/** @param {VisitState | null} before
	    @param {VisitState} state */
	follow(before, state) {
		this.out.announce(announcements(before, state, this.boot.lang));
		this.flags.putOut = rules.isPutOut(before, state, this.flags.putOut);
		if (rules.isHost(state)) this.knocked(before, state);
		if (rules.isSentBack(before, state)) this.flags.sentBack = true;
		if (state.me.state === "Admitted") this.flags.sentBack = false;
		if (rules.mustHangUp(state)) this.stayOut();
		if (!rules.isOut(state)) this.bundles.prefetch(state.provider.adapter);
		if (this.call) this.call.people(rules.peersOf(state));
		this.moveAlong(state);
		this.comeIn(before, state);
		this.limit.look(state);
		if (!before) this.firstLook(state);
	}

	/** Only now it is known whose page this is.
	    @param {VisitState} state */
	firstLook(state) {
		if (rules.isOutside(state, this.call)) this.poll.now();
		if (rules.isHost(state)) this.others.now();
	}

	/** The call goes on elsewhere, with another provider for instance: so do we.
	    @param {VisitState} state */
	moveAlong(state) {
		const isGone = rules.hasMoved(state, this.call ? this.call.name : this.lost);
		if (this.flags.elsewhere) this.lost = null;
		if (!isGone) return;
		this.hangUp();
		this.out.announce([__("The call has moved. You are joining it again.")]);
		this.join();
	}

	stayOut() {
		this.hangUp();
		this.lost = null;
		this.untroubled();
	}

	/** @param {VisitState | null} before
	    @param {VisitState} state */
	knocked(before, state) {
		this.out.title(rules.waitingOf(state).length);
		if (this.flags.sound && rules.arrivals(before, state).length) this.out.beep();
	}

	/** @param {VisitState | null} before
	    @param {VisitState} state */
	comeIn(before, state) {
		if (!before) this.own.begin(state);
		if (rules.isLetIn(before, state)) this.out.called();
		if (!rules.isEmbedded(state) || this.flags.elsewhere) return;
		if (rules.isLetIn(before, state)) this.joinWithDevices();
		if (rules.isBack(before, state)) this.comeBack();
	}

	/** The browser may still be asking the user for the devices, or starting them, when the host admits. */
	async joinWithDevices() {
		await this.local.asking;
		if (this.local.granted && this.state.me.state === "Admitted" && !rules.mustHangUp(this.state))
			await this.join();
	}

	async comeBack() {
		this.flags.wasIn = true;
		if (this.out.isReload() || (await this.isPermitted())) await this.join();
	}

	/** From the click to the call: what the user has asked for, so a refusal is shown. */
	async join() {
		if (this.call || this.flags.joining || rules.isUnable(this.state, this.flags)) return;
		Object.assign(this.flags, { joining: true, elsewhere: false, full: null, alert: null });
		this.lost = null;
		clearTimeout(this.again);
		this.paint();
		try {
			this.begin(await this.connect());
		} catch (error) {
			this.refused(error);
		} finally {
			this.set({ joining: false });
		}
	}

	/** Trouble has no picture, so a try to get out of it uses no camera. */
	connect() {
		if (!this.flags.trouble) this.startLocal();
		const { api, local, bundles } = this;
		const { adapter } = this.state.provider;
		return joinCall({ adapter, api, local, bundles, hooks: hooksOf(this) });
	}

	/** @param {Call} call */
	begin(call) {
		if (rules.mustHangUp(this.state)) {
			call.close();
			return;
		}
		this.call = call;
		this.flags.wasIn = true;
		this.untroubled();
		this.startLocal();
		call.people(rules.peersOf(this.state));
	}

	hangUp() {
		if (!this.call) return;
		this.call.close();
		this.call = null;
		Object.assign(this.flags, { quiet: false, chat: false });
	}

	/** No provider answers. A client's page goes on trying; a host decides what to do.
	    @param {Refusal} refusal */
	outage({ message }) {
		this.flags.trouble = { kind: "outage", message };
		this.poll.now();
		if (!rules.isHost(this.state)) this.again = setTimeout(() => this.join(), AGAIN_MS);
	}

	untroubled() {
		clearTimeout(this.again);
		this.flags.trouble = null;
	}

	/** One thing the user does: shown as busy meanwhile, and a refusal is shown.
	    @param {string} name
	    @param {() => Promise<VisitState>} request */
	async perform(name, request) {
		if (this.busy.has(name)) return;
		this.busy.add(name);
		this.flags.alert = null;
		this.paint();
		try {
			this.accept(await request());
		} catch (error) {
			this.refused(error);
		} finally {
			this.busy.delete(name);
			this.paint();
		}
	}

	startLocal() {
		if (rules.isEmbedded(this.state)) this.local.start();
	}

	async enter() {
		this.startLocal();
		await this.perform("enter", () => this.api.post("visit.enter"));
		if (rules.isHost(this.state) && !rules.mustHangUp(this.state)) await this.join();
	}

	leave() {
		const attendee = this.call ? this.call.attendee : "";
		this.stayOut();
		this.local.release();
		return this.perform("leave", () => this.api.post("visit.leave", { attendee }));
	}

	/** @param {HostAction} action
	    @param {ParticipantEntry} person */
	async onPerson(action, person) {
		if (action === "remove" && !(await this.out.confirm("remove", person))) return;
		const { participant } = person;
		await this.perform(`${action}:${participant}`, () =>
			this.api.post(ENDPOINTS[action], { participant })
		);
	}

	async end() {
		if (await this.out.confirm("end")) await this.perform("end", () => this.api.post("host.end"));
	}

	lock() {
		const locked = !this.state.locked;
		return this.perform("lock", () => this.api.post("host.lock", { locked }));
	}

	fallback() {
		const active = !this.state.fallback?.active;
		return this.perform("fallback", () => this.api.post("host.use_fallback", { active }));
	}

	/** For the host: the others are offered the fallback link, if they are not yet. The link itself opens it. */
	async meetElsewhere() {
		if (this.state.me.state !== "Admitted")
			await this.perform("enter", () => this.api.post("visit.enter"));
		if (!this.state.fallback?.active) this.fallback();
	}

	/** @param {"sound" | "whole"} flag */
	toggle(flag) {
		this.set({ [flag]: !this.flags[flag] });
	}

	/** One thing beside the call at a time.
	    @param {"panel" | "chat"} flag */
	beside(flag) {
		const isOpen = this.flags[flag];
		Object.assign(this.flags, { panel: false, chat: false, [flag]: !isOpen });
		if (this.call && this.flags.chat) this.call.unread = 0;
		this.paint();
	}

	/** @param {Partial<OwnFlags>} flags */
	set(flags) {
		Object.assign(this.flags, flags);
		this.paint();
	}

	/** @param {Kind} kind */
	localChanged(kind) {
		if (this.call) this.call.localChanged(kind);
		this.paint();
	}

	/** Of something the user did.
	    @param {unknown} error */
	refused(error) {
		if (!(error instanceof Refusal)) throw error;
		if (error.code === "provider_unavailable") this.outage(error);
		else if (!this.moved(error) && !this.renewed(error)) this.flags.alert = error;
		this.poll.now();
	}

	/** A page from before the call came to this provider does not know where to find its media.
	    @param {Refusal} refusal */
	renewed({ code }) {
		return code === "no_media" && this.out.reloadOnce();
	}

	/** Of something the page did by itself.
	    @param {unknown} error */
	refusedBehind(error) {
		if (!(error instanceof Refusal)) throw error;
		if (NOT_IN_CALL.has(error.code)) this.hangUp();
		if (NOT_IN_CALL.has(error.code) || this.moved(error)) this.poll.now();
		else this.failed(error);
		this.paint();
	}

	/** Refusals that have a screen of their own; says whether this is one.
	    @param {Refusal} refusal */
	moved({ code, message }) {
		if (FINAL.has(code)) {
			this.flags.problem = { code, message };
			this.shut();
		} else if (code === "superseded") this.elsewhere();
		else if (code === "room_full") this.flags.full = message;
		else return false;
		this.hangUp();
		this.local.release();
		return true;
	}

	/** By another tab; or because the call has moved and left everybody's join behind, which the state will tell. */
	elsewhere() {
		if (this.call) this.lost = this.call.name;
		Object.assign(this.flags, { elsewhere: true, asking: Boolean(this.lost) });
	}

	/** Once may be chance; what comes again is shown until it works again.
	    @param {Refusal} refusal */
	failed({ message }) {
		this.flags.asking = false;
		this.failures += 1;
		if (this.failures > 1 && !this.flags.alert) this.flags.alert = { message, passing: true };
	}

	recovered() {
		this.failures = 0;
		if (this.flags.alert && this.flags.alert.passing) this.flags.alert = null;
	}

	paint() {
		const flags = { ...this.flags, busy: this.busy, call: this.call, local: this.local };
		const screen = rules.screenOf(this.state, flags);
		this.own.at(screen, this.state);
		this.out.at(screen);
		this.out.paint({ state: this.state, flags });
	}
}
