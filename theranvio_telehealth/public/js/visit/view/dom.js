/* Descriptions of elements, and putting them on the page by changing only what differs. Text is always text. */
const SVG = "http://www.w3.org/2000/svg";
const PROPERTIES = new Set(["srcObject", "value", "muted", "disabled"]);
const INTERNAL = new Set(["key", "ref"]);
const described = new WeakMap();

/** Of the attributes, `on` holds listeners, `ref` is called once with the new element, `key` keeps it among siblings. */
export function h(tag, attributes, ...children) {
	return { tag, attributes: attributes || {}, children: shown(children) };
}

/** Nothing takes a place too, so that what follows keeps its own. */
function shown(children) {
	return children.flat(Infinity).map((child) => (isNothing(child) || child === false ? "" : child));
}

function isNothing(value) {
	return value === null || value === undefined;
}

/** Children come and go without a key where they are always at the same place; lists have keys throughout. */
export function patch(parent, children) {
	const wanted = shown([children]);
	const keyed = keep(parent, new Set(wanted.map(keyOf)));
	let cursor = parent.firstChild;
	for (const child of wanted) {
		const node = reusable(child, cursor, keyed) || create(child, parent);
		cursor = put(parent, node, cursor);
		update(node, child);
	}
	while (cursor) {
		const next = cursor.nextSibling;
		cursor.remove();
		cursor = next;
	}
}

function keyOf(description) {
	return description && description.attributes ? description.attributes.key : undefined;
}

function keyOn(node) {
	return keyOf(described.get(node));
}

/** The nodes with one of the keys, by key; those with another go. */
function keep(parent, keys) {
	const kept = new Map();
	for (const node of [...parent.childNodes]) {
		const key = keyOn(node);
		if (keys.has(key)) kept.set(key, node);
		else if (key !== undefined) node.remove();
	}
	return kept;
}

function reusable(child, cursor, keyed) {
	const key = keyOf(child);
	const node = key === undefined ? cursor : keyed.get(key);
	const before = node && described.get(node);
	return before && before.tag === child.tag && keyOf(before) === key ? node : null;
}

/** Puts the node at the cursor, in the place of one without a key; returns the next cursor. */
function put(parent, node, cursor) {
	if (node === cursor) return cursor.nextSibling;
	if (!cursor || keyOn(node) !== undefined || keyOn(cursor) !== undefined) {
		parent.insertBefore(node, cursor);
		return cursor;
	}
	const next = cursor.nextSibling;
	cursor.replaceWith(node);
	return next;
}

function create(child, parent) {
	if (!child.tag) return remember(document.createTextNode(""), {});
	const isSvg = child.tag === "svg" || parent.namespaceURI === SVG;
	const node = isSvg ? document.createElementNS(SVG, child.tag) : document.createElement(child.tag);
	remember(node, { tag: child.tag, attributes: { key: keyOf(child) } });
	if (child.attributes.ref) child.attributes.ref(node);
	return node;
}

function remember(node, description) {
	described.set(node, description);
	return node;
}

function update(node, child) {
	if (!child.tag) {
		if (node.data !== String(child)) node.data = String(child);
		return;
	}
	const before = described.get(node).attributes;
	for (const name of new Set([...Object.keys(before), ...Object.keys(child.attributes)]))
		assign(node, name, child.attributes[name], before[name]);
	described.set(node, child);
	patch(node, child.children);
}

function assign(node, name, value, before) {
	if (value === before || INTERNAL.has(name)) return;
	if (name === "on") listen(node, value || {}, before || {});
	else if (PROPERTIES.has(name)) node[name] = isNothing(value) ? null : value;
	else setAttribute(node, name, value);
}

/** A plain attribute is there or not; ARIA's say true or false. */
function setAttribute(node, name, value) {
	const isFlag = typeof value === "boolean" && !name.startsWith("aria-");
	if (isNothing(isFlag ? value || null : value)) node.removeAttribute(name);
	else node.setAttribute(name, isFlag ? "" : String(value));
}

function listen(node, listeners, before) {
	for (const type of Object.keys(before)) node.removeEventListener(type, before[type]);
	for (const type of Object.keys(listeners)) node.addEventListener(type, listeners[type]);
}
