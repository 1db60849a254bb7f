// Requests to the server: problems as errors that say what to do, and keys so that nothing is done twice.

const BASE = new URL('v1/', document.baseURI);
const ATTEMPTS_MAX = 3;
const PAUSE_MS = 400;

/** What the server refused, in its own words. `faults` names the parts at fault. */
export class ApiError extends Error {
	constructor(problem, status) {
		super(problem?.detail || problem?.title || `the server answered with status ${status}`);
		this.name = 'ApiError';
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

/**
 * Sends a request and gives the body of the answer. Without an answer it is sent again: posts carry a key
 * under which the server does them once.
 */
async function request(method, path, { query, body, signal, type = 'application/json' } = {}) {
	const headers = { accept: 'application/json' };
	if (body !== undefined) headers['content-type'] = type;
	if (method === 'POST') headers['idempotency-key'] = newKey();
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
		if (response.status === 401 && (await beginSession())) continue;
		if (response.status === 429 && attempt < ATTEMPTS_MAX) {
			await pause(1000 * Math.min(Number(response.headers.get('retry-after')) || 1, 5));
			continue;
		}
		return answer(response);
	}
}

const noAnswer = () =>
	new ApiError({ detail: 'The server does not answer. See whether it still runs; this page goes on by itself when it is back.' }, 0);

async function answer(response) {
	const text = await response.text();
	const json = /json/.test(response.headers.get('content-type') ?? '') && text ? JSON.parse(text) : null;
	if (!response.ok) throw new ApiError(json, response.status);
	return json;
}

/** Gets the cookie that stands for the token of a server that wants one. Gives whether it was given. */
async function beginSession() {
	session ??= (async () => {
		const token = prompt('This server wants its token, the one that it was started with:');
		const headers = { authorization: `Bearer ${token}` };
		return Boolean(token) && (await fetch(url('session'), { method: 'POST', headers })).ok;
	})().finally(() => (session = undefined));
	return session;
}
let session;

export const get = (path, query, signal) => request('GET', path, { query, signal });
export const post = (path, body) => request('POST', path, { body });
export const put = (path, body) => request('PUT', path, { body });
export const patch = (path, body) => request('PATCH', path, { body, type: 'application/merge-patch+json' });
export const remove = (path) => request('DELETE', path);

/** Uploads a file as an import, by XMLHttpRequest, which alone tells how far it is. */
export function upload(file, onProgress) {
	const sent = new XMLHttpRequest();
	const done = new Promise((resolve, reject) => {
		sent.upload.onprogress = ({ loaded, total }) => onProgress(loaded, total);
		sent.onerror = () => reject(noAnswer());
		sent.onabort = () => reject(new DOMException('cancelled', 'AbortError'));
		sent.onload = () => {
			if (sent.status >= 200 && sent.status < 300) resolve(sent.response);
			else reject(new ApiError(sent.response, sent.status));
		};
	});
	sent.responseType = 'json';
	sent.open('POST', url('imports', { file_name: file.name }));
	sent.setRequestHeader('content-type', 'text/csv');
	sent.setRequestHeader('idempotency-key', newKey());
	sent.send(file);
	return { done, cancel: () => sent.abort() };
}

/** Saves a file. The browser streams it. */
export function download(path, query, name) {
	const link = document.createElement('a');
	link.download = name;
	link.href = url(path, query);
	link.click();
}
