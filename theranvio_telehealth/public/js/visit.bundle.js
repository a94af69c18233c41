/* The visit page's bundle: imports only. */
import "./visit/main.js";
