// Who is asked for phones: in which order, how well they are, what they answered and cost.

import { get } from './api.js';
import { byId, h, render, table, throttled } from './dom.js';
import { chip } from './process.js';
import { on, providers, setProviders } from './state.js';
import { count, fieldWords, percent, sentence, span, spent } from './words.js';

const HEALTH = { ok: ['Well', 'good'], misconfigured: ['Misconfigured', 'bad'], failing: ['Failing', 'warn'], unused: ['Not asked yet', 'off'] };
const READ_MS = 2000;

export function startProviders() {
	on('providers', draw);
}

export async function readProviders() {
	setProviders(await get('providers'));
}

export const refreshProviders = throttled(READ_MS, () => readProviders().catch(() => {}));

function draw() {
	render(byId('providers-list'), providers.length === 0
		? h('div.empty', h('p', 'No provider is set up: give the server a key of one, or try "serve --demo".'))
		: [h('p.quiet', 'They are asked in this order until one has a number.'), table('Providers', ['Order', 'Provider', 'Health', 'Needs', 'Hit rate', 'Answers', 'Time', 'Limits', 'Spent'], providers.map(cells))]);
}

function cells(provider) {
	const { order, name, health, trouble, limits, statistics, requires, currency } = provider;
	const [words, tone] = HEALTH[health] ?? [sentence(health), 'off'];
	const { calls, hits, misses, failures, hit_rate, n, latency_p50_ms, latency_p95_ms } = statistics;
	const rest = [limits.per_second && `${limits.per_second} a second`, limits.concurrent && `${limits.concurrent} at once`, limits.timeout_ms && `waits ${span(limits.timeout_ms / 1000)}`, limits.attempts_max && `${limits.attempts_max} attempts`];
	return [
		`${order ?? '–'}`, h('strong', name), [chip(tone, words), trouble && h('p.why', trouble)],
		requires.map(fieldWords).join(', ') || 'nothing',
		n > 0 ? `${percent(hit_rate)} of ${count(n)}` : 'not known yet',
		calls > 0 ? `${count(calls)} calls: ${count(hits)} hits, ${count(misses)} misses, ${count(failures)} failed` : 'none',
		latency_p50_ms ? `${span(latency_p50_ms / 1000)}, 19 of 20 within ${span(latency_p95_ms / 1000)}` : '–',
		rest.filter(Boolean).join(', '), spent(statistics, currency)];
}
