// Requests to the server: problems as errors that say what to do, and keys so that nothing is done twice.

import { confirmed, h } from './dom.js';
import { setClock } from './words.js';

const BASE = new URL('v1/', document.baseURI);
const ATTEMPTS_MAX = 3;
const PAUSE_MS = 400;
// How long a file that is saved is kept for it.
const KEPT_MS = 60_000;

// What the server refused, in its own words. `faults` names the parts at fault.
export class ApiError extends Error {
	constructor(problem, status) {
		super(problem?.detail || problem?.title || `the server answered with status ${status}`);
		this.status = status;
		this.faults = (problem?.errors ?? []).filter(({ detail }) => detail !== this.message);
	}
}

export function url(path, query) {
	const made = new URL(path, BASE);
	for (const [name, value] of Object.entries(query ?? {})) {
		if (value != null && value !== '') made.searchParams.set(name, value);
	}
	return made;
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const newKey = () => {
	const bytes = crypto.getRandomValues(new Uint8Array(16));
	return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
};

// Sends a request and gives the body of the answer. Without an answer it is sent again: posts carry a key
// under which the server does them once.
async function request(method, path, { query, body, signal, key, type = 'application/json' } = {}) {
	const headers = { accept: 'application/json' };
	if (body !== undefined) headers['content-type'] = type;
	if (key) headers['idempotency-key'] = key;
	for (let attempt = 1; ; attempt += 1) {
		let response;
		try {
			response = await fetch(url(path, query), { method, signal, headers, body: body && JSON.stringify(body) });
		} catch (error) {
			if (error.name === 'AbortError') throw error;
			if (attempt === ATTEMPTS_MAX) throw noAnswer();
			await pause(PAUSE_MS * attempt);
			continue;
		}
		setClock(Date.parse(response.headers.get('date')));
		if (!(await helped(response.status, attempt, response.headers.get('retry-after')))) return answer(response);
	}
}

// Whether to send again: there is a session now, or it was waited for long enough.
async function helped(status, attempt, wait_s) {
	if (attempt === ATTEMPTS_MAX) return false;
	// 409 with a wait: what was sent before by the same key is still under way.
	const isLater = status === 429 || (status === 409 && wait_s);
	if (isLater) await pause(1000 * Math.min(wait_s || 1, 5));
	return isLater || (status === 401 && beginSession());
}

const noAnswer = () =>
	new ApiError({ detail: 'The server does not answer: see whether it runs. This page goes on when it is back.' }, 0);

async function answer(response) {
	const type = response.headers.get('content-type') ?? '';
	if (response.ok && type.startsWith('text/csv')) return response.blob();
	const json = type.includes('json') ? await response.json() : null;
	if (!response.ok) throw new ApiError(json, response.status);
	return json;
}

// Gets the cookie that stands for the token of a server that wants one. Gives whether there is one now.
function beginSession() {
	session ??= (async () => {
		for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
			const input = h('input', { type: 'password', 'aria-label': 'Token', autocomplete: 'current-password' });
			if (!(await confirmed('The token', attempt > 1 ? 'That was not it. Try again.' : 'This server wants the token that it was started with.', 'Go on', input))) break;
			const given = await fetch(url('session'), { method: 'POST', headers: { authorization: `Bearer ${input.value}` } }).catch(noAnswer);
			if (given.ok === false) continue;
			// The server may come back with another one, or was not there.
			session = undefined;
			if (!given.ok) throw given;
			return true;
		}
		// Whoever has none is not asked for it again.
		return false;
	})();
	return session;
}
let session;

export const get = (path, query, signal) => request('GET', path, { query, signal });
export const post = (path, body) => request('POST', path, { body, key: newKey() });
// A question whose address says nothing of whom it is about.
export const ask = (path, body, signal) => request('POST', path, { body, signal });
export const put = (path, body) => request('PUT', path, { body });
export const patch = (path, body) => request('PATCH', path, { body, type: 'application/merge-patch+json' });
export const remove = (path) => request('DELETE', path);

// Uploads a file as an import, by XMLHttpRequest, which alone tells how far it is.
export function upload(file, onProgress) {
	const sent = new XMLHttpRequest();
	const key = newKey();
	let attempt = 0;
	const send = () => {
		sent.open('POST', url('imports'));
		sent.setRequestHeader('x-file-name', encodeURIComponent(file.name));
		sent.setRequestHeader('content-type', 'text/csv');
		sent.setRequestHeader('idempotency-key', key);
		sent.send(file);
		attempt += 1;
	};
	const done = new Promise((resolve, reject) => {
		sent.upload.onprogress = ({ loaded, total }) => onProgress(loaded, total);
		sent.onerror = () => reject(noAnswer());
		sent.onabort = () => reject(new DOMException('cancelled', 'AbortError'));
		const take = async () => {
			const { status, response } = sent;
			if (status < 300) resolve(response);
			else if (await helped(status, attempt, sent.getResponseHeader('retry-after'))) send();
			else throw new ApiError(response, status);
		};
		sent.onload = () => take().catch(reject);
	});
	sent.responseType = 'json';
	send();
	return { done, cancel: () => sent.abort() };
}

export function download(href, name) {
	h('a', { href, download: name }).click();
}

export async function downloadAsked(path, body, name) {
	const address = URL.createObjectURL(await ask(path, body));
	download(address, name);
	setTimeout(() => URL.revokeObjectURL(address), KEPT_MS);
}
