// Sockets of several users at the site's realtime server. Each asks to be let into every channel that is named, then writes what it
// hears, a line of JSON for each event. Takes its task as one line of JSON; ends when the input does.
import { createInterface } from "node:readline";
import { io } from "socket.io-client";

const write = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

function listen({ url, origin }, { user, sid }, { documents, doctypes, tasks }) {
	const socket = io(url, {
		extraHeaders: { Cookie: `sid=${sid}`, Origin: origin },
		forceNew: true,
		reconnection: false,
	});
	socket.onAny((event, ...given) => write({ user, event, given }));
	socket.on("connect_error", (error) => write({ user, event: "refused", given: [error.message] }));
	socket.on("connect", () => {
		for (const [doctype, name] of documents) {
			socket.emit("doc_subscribe", doctype, name);
			socket.emit("doc_open", doctype, name);
		}
		for (const doctype of doctypes) socket.emit("doctype_subscribe", doctype);
		for (const task of tasks) {
			socket.emit("task_subscribe", task);
			socket.emit("progress_subscribe", task);
		}
		write({ user, event: "connected", given: [] });
	});
}

const lines = createInterface({ input: process.stdin });
lines.once("line", (line) => {
	const { server, people, channels } = JSON.parse(line);
	for (const person of people) listen(server, person, channels);
});
lines.on("close", () => process.exit(0));
