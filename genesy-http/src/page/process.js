// The process of each lead: what each provider is doing, followed from events between readings.

import { get } from './api.js';
import { h } from './dom.js';
import { currency, emit, providerName, providers, providerShort } from './state.js';
import { counted, now, OUTCOMES, sentence, SIGNS, span, spent, STEPS, VERDICTS } from './words.js';

// Processes that are remembered. Those that were not looked at for longest are forgotten.
const KEPT_MAX = 600;
// How results of an attempt that is not a hit show as a step.
const STATE_OF_RESULT = { hit: 'found', miss: 'miss', rejected: 'rejected' };

// Phone processes and verifications by lead, as the server gives them.
const kept = { phone: new Map(), email: new Map() };
export const PATHS = { phone: 'phone-lookups', email: 'email-verifications' };
// Processes to be read.
const wanted = new Map();
let isReading = false;
// Processes that are being read, and whether something happened meanwhile.
const reading = new Map();

export const processOf = (kind, lead) => {
	const found = kept[kind].get(lead);
	if (found) keep(kind, lead, found);
	return found;
};

function keep(kind, lead, process) {
	const of = kept[kind];
	of.delete(lead);
	of.set(lead, process);
	if (of.size > KEPT_MAX) of.delete(of.keys().next().value);
}

// Events may have been missed, or not sent for each lead: those in sight are read again.
export function forgetProcesses() {
	for (const of of [kept.phone, kept.email]) for (const process of of.values()) process.isStale = true;
}

// Reads the process of a lead soon, if it is not known; `process` is emitted then.
export function wantProcess(kind, lead) {
	const known = kept[kind].get(lead);
	if (known && !known.isStale) return;
	wanted.set(`${kind} ${lead}`, [kind, lead]);
	if (!isReading) readWanted();
}

async function readWanted() {
	isReading = true;
	while (wanted.size > 0) {
		// The last ones are those in sight.
		const [key, of] = [...wanted].at(-1);
		await readProcess(...of).catch(() => {});
		wanted.delete(key);
		if (wanted.size > KEPT_MAX) wanted.clear();
	}
	isReading = false;
}

async function readProcess(kind, lead) {
	const key = `${kind} ${lead}`;
	reading.set(key, false);
	try {
		const process = await get(`${PATHS[kind]}/${lead}`);
		// What was told while it was read may not be in it.
		process.isStale = reading.get(key);
		keep(kind, lead, process);
	} finally {
		reading.delete(key);
	}
	emit('process', lead);
}

const fresh = (lead, job) => ({
	lead, job, state: 'queued', charged_micros: 0, maybe_charged_micros: 0,
	steps: providers.map(({ id, limits }) => ({ provider: id, state: 'waiting', attempt: 0, attempts_max: limits?.attempts_max, attempts: [] })),
});

// Takes an event about a lead into its process.
export function applyToProcess(event) {
	const { type: kind, lead, job, what } = event;
	const key = `${kind} ${lead}`;
	if (reading.has(key)) reading.set(key, true);
	let process = kept[kind].get(lead);
	if (what === 'queued') process = kind === 'phone' ? fresh(lead, job) : { lead, job, state: 'queued' };
	else if (process?.job !== job) {
		// What went before is not known: it is read, not guessed.
		kept[kind].delete(lead);
		return;
	}
	if (kind === 'phone') applyPhone(process, event);
	else applyEmail(process, event);
	process.isStale ||= what === 'finished' || what === 'cancelled';
	keep(kind, lead, process);
}

const later = (at, ms) => new Date(Date.parse(at) + ms).toISOString();

function applyPhone(process, event) {
	const { what, provider, why, attempt, attempts_max, at } = event;
	if (what === 'finished') {
		Object.assign(process, { state: 'ended', outcome: event.outcome, ended_at: at });
		return;
	}
	if (what === 'queued') return;
	process.state = 'running';
	process.started_at ??= at;
	const step = process.steps.find((one) => one.provider === provider);
	if (!step) return;
	if (what === 'skipped') Object.assign(step, { state: 'skipped', why });
	else if (what === 'calling') Object.assign(step, { state: 'calling', attempt, attempts_max });
	else if (what === 'retry_in') {
		Object.assign(step, { state: 'retry', attempt, attempts_max, next_attempt_at: later(at, event.delay_ms) });
	} else if (what === 'ended' && !step.attempts.some((one) => one.attempt === attempt)) {
		const { result, took_ms, charge, cost_micros } = event;
		step.attempts.push({ attempt, at, took_ms, result, why, charge, cost_micros });
		Object.assign(step, { state: STATE_OF_RESULT[result] ?? 'failed', why, attempt });
		if (charge === 'charged') process.charged_micros += cost_micros;
		if (charge === 'maybe_charged') process.maybe_charged_micros += cost_micros;
	}
}

function applyEmail(process, event) {
	const { what, at } = event;
	if (what === 'checking') {
		Object.assign(process, {
			state: 'running', stage: event.stage, words: event.words, attempt: event.attempt, attempts_max: event.attempts_max,
			stage_deadline: later(at, event.stage_remaining_ms), deadline: later(at, event.remaining_ms),
		});
	} else if (what === 'finished') {
		Object.assign(process, { state: 'ended', verdict: event.verdict, reason: event.reason, words: event.words, at });
	} else if (what === 'cancelled') Object.assign(process, { state: 'ended', verdict: 'cancelled', words: null, at });
}

export const secondsUntil = (time) => Math.max(0, (Date.parse(time) - now()) / 1000);

export function stepWords(step, isEnded) {
	if (step.state === 'waiting') return isEnded ? 'not asked' : 'queued';
	if (step.state === 'calling') return `calling ${step.attempt || 1} of ${step.attempts_max ?? '?'}`;
	if (step.state === 'retry') return `retry in ${Math.ceil(secondsUntil(step.next_attempt_at))} s`;
	return step.state;
}

export const chip = (tone, text, title) => h(`span.chip.${tone}`, { title }, h('i', { 'aria-hidden': 'true' }, SIGNS[tone]), text);

export const issueChip = ({ severity, code }) => chip({ info: 'off', warning: 'warn', error: 'bad' }[severity], sentence(code));

// One chip a provider. Long ones have the reason in themselves, short ones in their title.
export const stepChips = ({ steps, state }, isLong) => steps.map((step) => {
	const isEnded = state === 'ended';
	const words = stepWords(step, isEnded);
	const why = ['skipped', 'failed', 'rejected', 'retry'].includes(step.state) && step.why;
	const name = providerName(step.provider);
	return chip(step.state === 'waiting' && isEnded ? 'off' : (STEPS[step.state] ?? 'off'),
		`${isLong ? name : providerShort(step.provider)}: ${words}${isLong && why ? ` (${why})` : ''}`, `${name}: ${words}${why ? `, ${why}` : ''}`);
});

function stateChip(state, busy, [words, meaning, tone] = []) {
	if (state === 'queued') return chip('wait', 'Queued');
	return state === 'running' ? chip('busy', busy) : words && chip(tone, words, meaning);
}

export const outcomeChip = (search, process) => stateChip(process?.state ?? search.state, 'Searching', OUTCOMES[process?.outcome ?? search.outcome]);

export const verdictChip = (check, process) => stateChip(process?.state ?? check.state, 'Checking', VERDICTS[process?.verdict ?? check.verdict]);

export function verdictWords(check, process) {
	const state = process?.state ?? check.state;
	if (state === 'running' && process?.words) return `${process.words}, ${remaining(process)}`;
	return state === 'queued' || state === 'running' ? '' : (process?.words ?? check.words ?? '');
}

export const remaining = (process) =>
	process.stage_deadline ? `${span(Math.ceil(secondsUntil(process.stage_deadline)))} left` : '';

// How long it took or has been going on, and what it cost.
export function effort(process) {
	if (!process.started_at) return '';
	const end = process.ended_at ? Date.parse(process.ended_at) : now();
	const attempts = process.steps.reduce((sum, step) => sum + step.attempts.length, 0);
	return `${span((end - Date.parse(process.started_at)) / 1000)}, ${counted(attempts, 'call')}, cost ${spent(process, currency())}`;
}

// Whether anything in it changes with time alone.
export const isTicking = (process) => process?.state === 'running';
