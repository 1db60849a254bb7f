// Elements from plain calls. Whatever comes from a lead goes in as text, never as markup.

/** Makes an element: `h('p.quiet', { onclick: f }, 'text', child)`, with attributes or without. Empty children are left out. */
export function h(selector, ...children) {
	const [tag, ...classes] = selector.split('.');
	const element = document.createElement(tag);
	if (classes.length > 0) element.className = classes.join(' ');
	const attributes = children[0]?.constructor === Object ? children.shift() : {};
	for (const [name, value] of Object.entries(attributes)) {
		if (value == null || value === false) continue;
		if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
		else if (name === 'value') element.value = value;
		else element.setAttribute(name, value === true ? '' : value);
	}
	element.append(...shown(children));
	return element;
}

const shown = (children) =>
	children.flat(Infinity).filter((child) => child != null && child !== false && child !== '');

export const byId = (id) => document.getElementById(id);

/** Replaces what is in an element. Focus stays where it was if a new element has the same `data-key`. */
export function render(container, ...children) {
	const active = document.activeElement;
	const key = container.contains(active) ? active.dataset.key : undefined;
	container.replaceChildren(...shown(children));
	if (key) container.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
}

/** Sets a text, and touches the document only if it changes. */
export function setText(element, text) {
	if (element.textContent !== text) element.textContent = text;
}

/**
 * A button. Where `why` tells why it cannot be pressed, it says so beside itself and stays reachable,
 * since a button that is disabled outright can neither be focused nor explain itself.
 */
export function button(label, onclick, { why, kind = '', key = label, ...attributes } = {}) {
	const press = h('button', {
		type: 'button', class: kind, 'data-key': key, title: why,
		'aria-disabled': why ? 'true' : undefined, onclick: (event) => (why ? notify(why) : run(press, onclick, event)),
		...attributes,
	}, label);
	return press;
}

/** Runs a handler, busy meanwhile, and tells what went wrong. */
async function run(press, handler, event) {
	if (press.getAttribute('aria-busy') === 'true') return;
	press.setAttribute('aria-busy', 'true');
	try {
		await handler(event);
	} catch (error) {
		notify(error);
	} finally {
		press.removeAttribute('aria-busy');
	}
}

/** A labelled control. */
export const field = (label, control, help) => {
	control.dataset.key ??= label;
	return h('label.field', h('span', label), control, help && h('small', help));
};

/** A choice: options are `[value, words]`. */
export const choice = (options, value, onchange, attributes) => {
	const made = h('select', { onchange: (event) => onchange?.(event.target.value), ...attributes },
		options.map(([of, words]) => h('option', { value: of }, words)));
	made.value = value ?? '';
	return made;
};

/** A table with a header row; cells are texts or elements. */
export const table = (caption, headers, rows, attributes) =>
	h('div.scroll', { tabindex: '0', role: 'region', 'aria-label': caption },
		h('table', attributes,
			h('caption.hidden', caption),
			h('thead', h('tr', headers.map((header) => h('th', { scope: 'col' }, header)))),
			h('tbody', rows.map((cells) => h('tr', cells.map((cell) => h('td', cell)))))));

const NOTICE_MS = 5000;
const NOTICES_MAX = 4;

/** Tells something in the one live region. Errors stay until they are closed. */
export function notify(message, action) {
	const isError = message instanceof Error;
	if (isError && message.name === 'AbortError') return;
	const notices = byId('notices');
	// What is outside an open dialog can neither be seen nor pressed.
	const place = [...document.querySelectorAll('dialog[open]')].pop() ?? document.body;
	if (notices.parentNode !== place) place.append(notices);
	const text = isError ? message.message : message;
	for (const other of notices.children) if (other.dataset.text === text) other.remove();
	const notice = h('div', { class: isError ? 'notice trouble' : 'notice', 'data-text': text },
		h('div', h('p', isError && h('strong', 'Error: '), text),
			message.faults?.length > 0 && h('ul', message.faults.map(({ at, detail }) => h('li', h('code', at), ' ', detail)))),
		action, h('button.plain', { 'aria-label': 'Close this message', onclick: () => notice.remove() }, '✕'));
	notices.append(notice);
	while (notices.children.length > NOTICES_MAX) notices.firstChild.remove();
	if (!isError) setTimeout(() => notice.remove(), NOTICE_MS);
}

/** Calls `later` once, at most every `wait_ms`, however often it is asked for. */
export function throttled(wait_ms, later) {
	let timer;
	return () => {
		timer ??= setTimeout(() => {
			timer = undefined;
			later();
		}, wait_ms);
	};
}

/** Opens a dialog. Escape and its buttons close it; focus goes back to where it was. */
export function openDialog(dialog, ...children) {
	if (!dialog.open) {
		const before = document.activeElement;
		dialog.addEventListener('close', () => {
			if (dialog.contains(byId('notices'))) document.body.append(byId('notices'));
			dialog.replaceChildren();
			if (before?.isConnected) before.focus();
		}, { once: true });
	}
	const notices = dialog.querySelector('#notices');
	render(dialog, ...children, notices);
	if (!dialog.open) dialog.showModal();
}

/** Asks before something that cannot be taken back. */
export function confirmed(title, text, verb) {
	const dialog = byId('dialog');
	return new Promise((resolve) => {
		const close = (answer) => () => {
			resolve(answer);
			dialog.close();
		};
		openDialog(dialog, h('h2', { id: 'dialog-title' }, title), h('p', text),
			h('div.actions.end',
				h('button', { onclick: close(false) }, 'Keep'),
				h('button.danger', { onclick: close(true) }, verb)));
		dialog.addEventListener('close', () => resolve(false), { once: true });
	});
}
