// Elements from plain calls. Whatever comes from a lead goes in as text, never as markup.

// Makes an element: `h('p.quiet', { onclick: f }, 'text', child)`, with attributes or without. Empty children are left out.
export function h(selector, ...children) {
	const [tag, ...classes] = selector.split('.');
	const element = document.createElement(tag);
	if (classes.length > 0) element.className = classes.join(' ');
	const attributes = children[0]?.constructor === Object ? children.shift() : {};
	for (const [name, value] of Object.entries(attributes)) {
		if (value == null || value === false) continue;
		if (name === 'value' || name.startsWith('on')) element[name] = value;
		else element.setAttribute(name, value === true ? '' : value);
	}
	element.append(...shown(children));
	return element;
}

const shown = (children) => children.flat(Infinity).filter((child) => child != null && child !== false && child !== '')
	.map((child) => (child instanceof Node ? child : document.createTextNode(child)));

export const byId = (id) => document.getElementById(id);

// Whether the page or its user gave an element this.
const OWN = ['open', 'aria-busy'];

// Makes children be what is in an element. Those that are there are changed, so that nobody loses the focus or
// what is being pressed. `data-key` tells which is which.
export function render(container, ...children) {
	const active = document.activeElement;
	const hadFocus = container.contains(active);
	patchChildren(container, shown(children));
	if (!hadFocus || active.isConnected) return;
	container.tabIndex = -1;
	(container.querySelector(`[data-key="${CSS.escape(active.dataset.key ?? '')}"]`) ?? container).focus({ preventScroll: true });
}

function patchChildren(parent, children) {
	let at = parent.firstChild;
	const removeUntil = (end) => {
		while (at !== end) {
			const next = at.nextSibling;
			at.remove();
			at = next;
		}
	};
	for (const child of children) {
		const old = like(child, at);
		if (old) {
			removeUntil(old);
			at = old.nextSibling;
			patch(old, child);
		} else parent.insertBefore(child, at);
	}
	removeUntil(null);
}

const keyOf = (node) => node.dataset?.key ?? node.id;

// What a child can take the place of, from `at` on: the one with its key, or the first one of its class.
function like(child, at) {
	for (let one = at; one; one = one.nextSibling) {
		if (one === child) return one;
		if (one.nodeName === child.nodeName && keyOf(one) === keyOf(child) && (keyOf(one) || one === at || one.className === child.className)) return one;
	}
	return null;
}

function patch(old, fresh) {
	if (old === fresh) return;
	if (!old.attributes) {
		if (old.data !== fresh.data) old.data = fresh.data;
		return;
	}
	for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name) && !OWN.includes(name)) old.removeAttribute(name);
	for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value && !OWN.includes(name)) old.setAttribute(name, value);
	for (const name of ['onclick', 'onchange', 'onsubmit']) old[name] = fresh[name];
	patchChildren(old, [...fresh.childNodes]);
	// What is being typed stays.
	if (old.value !== fresh.value && !(old === document.activeElement && old.type === 'text')) old.value = fresh.value;
	if (old.checked !== fresh.checked) old.checked = fresh.checked;
}

export function setText(element, text) {
	if (element.textContent !== text) element.textContent = text;
}

// A button. Where `why` tells why it cannot be pressed, it says so beside itself and stays reachable,
// since a button that is disabled outright can neither be focused nor explain itself.
export function button(label, onclick, { why, kind = '', key = label, ...attributes } = {}) {
	return h('button', {
		type: 'button', class: kind, 'data-key': key, title: why, 'aria-disabled': why && 'true', onclick: (event) => (why ? notify(why) : run(event.currentTarget, onclick, event)),
		...attributes,
	}, label);
}

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

export const field = (label, control, help) => {
	control.dataset.key ??= label;
	return h('label.field', h('span', label), control, help && h('small', help));
};

// A choice: options are `[value, words]`.
export const choice = (options, value, onchange, attributes) => {
	const made = h('select', { onchange: (event) => onchange?.(event.target.value), ...attributes },
		options.map(([of, words]) => h('option', { value: of }, words)));
	made.value = value ?? '';
	return made;
};

export const table = (caption, headers, rows) =>
	h('div.scroll', { tabindex: '0', role: 'region', 'aria-label': caption },
		h('table',
			h('caption.hidden', caption),
			h('thead', h('tr', headers.map((header) => h('th', { scope: 'col' }, header)))),
			h('tbody', rows.map((cells) => h('tr', cells.map((cell) => h('td', cell)))))));

const NOTICE_MS = 5000;
const NOTICES_MAX = 4;

// Tells something in the one live region. Errors stay until they are closed.
export function notify(message) {
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
		h('button.plain', { 'aria-label': 'Close this message', onclick: () => notice.remove() }, '✕'));
	notices.append(notice);
	while (notices.children.length > NOTICES_MAX) notices.firstChild.remove();
	if (!isError) setTimeout(() => notice.remove(), NOTICE_MS);
}

// Calls `later` once, at most every `wait_ms`, however often it is asked for.
export function throttled(wait_ms, later) {
	let timer;
	return () => {
		timer ??= setTimeout(() => {
			timer = undefined;
			later();
		}, wait_ms);
	};
}

// Opens a dialog. Escape and its buttons close it; focus goes back to where it was.
export function openDialog(dialog, ...children) {
	if (!dialog.open) {
		dialog.addEventListener('close', () => {
			if (dialog.contains(byId('notices'))) document.body.append(byId('notices'));
			dialog.replaceChildren();
			// The browser gave the focus back, unless what had it is gone.
			if (document.activeElement === document.body) byId('main').focus({ preventScroll: true });
		}, { once: true });
	}
	const notices = dialog.querySelector('#notices');
	render(dialog, ...children, notices);
	if (!dialog.open) dialog.showModal();
}

// Asks before something that cannot be taken back, or at any time for an input, in a dialog of its own.
export function confirmed(title, text, verb, input) {
	const dialog = byId(input ? 'asked' : 'dialog');
	const go = (event) => {
		event.preventDefault();
		dialog.close('yes');
	};
	return new Promise((resolve) => {
		dialog.returnValue = '';
		dialog.addEventListener('close', () => resolve(dialog.returnValue !== ''), { once: true });
		openDialog(dialog, h('h2', { id: `${dialog.id}-title` }, title), h('p', text),
			h('form', { onsubmit: go }, input, h('div.actions.end', h('button', { type: 'button', onclick: () => dialog.close() }, 'Not now'), h('button.danger', verb))));
	});
}
