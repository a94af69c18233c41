/* The client of Frappe's realtime. A bundle of its own, which the visit page loads by its address: visit/nudge.js. */
import { io } from "socket.io-client";

globalThis.theranvioSocket = io;
