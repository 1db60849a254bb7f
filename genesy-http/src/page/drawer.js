// One lead: its values and where they come from, and its processes attempt by attempt.

import { get, patch, post, remove } from './api.js';
import { button, byId, confirmed, field, h, notify, openDialog, render } from './dom.js';
import { startEmail, startPhone } from './forecast.js';
import { chip, effort, isTicking, outcomeChip, processOf, stepChips, stepWords, verdictChip, verdictWords, wantProcess } from './process.js';
import { currency, on, providerName } from './state.js';
import { ago, clock, countryWords, dateTime, FIELDS, fieldWords, leadTitle, money, OUTCOMES, sentence, span, VERDICTS } from './words.js';

const TICK_MS = 1000;

const drawer = byId('drawer');
let lead;
let isEditing = false;

export function startDrawer() {
	on('process', (id) => id === lead?.id && draw());
	on('lead-changed', (id) => id === lead?.id && reload().catch(notify));
	setInterval(() => lead && !isEditing && ['phone', 'email'].some((kind) => isTicking(processOf(kind, lead.id))) && draw(), TICK_MS);
	drawer.addEventListener('close', () => (lead = undefined));
	drawer.addEventListener('click', (event) => event.target === drawer && event.clientX < drawer.offsetLeft && drawer.close());
}

export async function openLead(id) {
	isEditing = false;
	const read = await get(`leads/${id}`).catch(notify);
	if (!read) return;
	lead = read;
	openDialog(drawer,
		h('header.line', h('h2', { id: 'drawer-title', tabindex: '-1', autofocus: true }), h('button.plain', { 'aria-label': 'Close', onclick: () => drawer.close() }, '✕')),
		['actions', 'phone', 'email', 'values', 'issues'].map((part) => h('div', { id: `drawer-${part}` })));
	draw();
	if (lead.phone_search?.state) wantProcess('phone', id);
	if (lead.email_check?.state) wantProcess('email', id);
}

async function reload() {
	const id = lead.id;
	const read = await get(`leads/${id}`);
	if (lead?.id !== id) return;
	lead = read;
	draw();
}

function draw() {
	if (!lead) return;
	byId('drawer-title').textContent = leadTitle(lead);
	const phone = processOf('phone', lead.id);
	const email = processOf('email', lead.id);
	drawActions(phone, email);
	drawPhone(phone);
	drawEmail(email);
	if (!isEditing) drawValues();
	drawIssues();
}

const isUnderWay = (state) => state === 'queued' || state === 'running';

function drawActions(phone, email) {
	const searching = isUnderWay(phone?.state ?? lead.phone_search?.state);
	const checking = isUnderWay(email?.state ?? lead.email_check?.state);
	const one = { leads: [lead.id] };
	const wasSearched = lead.phone_search?.outcome || phone?.outcome;
	render(byId('drawer-actions'), h('div.actions',
		searching
			? button('Cancel the search', () => post(`phone-lookups/${lead.id}/cancel`), { key: 'phone' })
			: button(wasSearched ? 'Find phone again' : 'Find phone', () => startPhone(one, Boolean(wasSearched)), { key: 'phone', kind: 'primary' }),
		checking
			? button('Cancel the verification', () => post(`email-verifications/${lead.id}/cancel`), { key: 'email' })
			: button(lead.email_check?.verdict ? 'Verify again' : 'Verify e-mail', () => startEmail(one, Boolean(lead.email_check?.verdict)),
				{ key: 'email', why: !lead.email && 'It has no e-mail address: add one by Edit.' }),
		button('Edit', edit, { key: 'edit' }),
		button('Delete', deleteLead, { key: 'delete', kind: 'danger' }),
		button('Forget and suppress', forget, { key: 'forget', kind: 'danger', why: !lead.email && 'It has no e-mail address to suppress: delete it instead.' })));
}

function drawPhone(process) {
	const search = lead.phone_search ?? {};
	const outcome = OUTCOMES[process?.outcome ?? search.outcome];
	const isEnded = (process?.state ?? search.state) === 'ended';
	render(byId('drawer-phone'), h('h3', 'Phone search'),
		search.state || process
			? [h('p.chips', outcomeChip(search, process), lead.phone && isEnded && h('strong', lead.phone)),
				isEnded && outcome && h('p', outcome[1]),
				process && h('p.chips', stepChips(process, true)),
				process && h('p.quiet', effort(process)),
				process && timeline(process)]
			: h('p.quiet', 'Not searched yet. Each provider is asked in turn until one has a number.'));
}

const RESULT_TONES = { hit: 'good', miss: 'off', rejected: 'warn' };

// All attempts in the order in which they were made, and what is going on now.
function timeline(process) {
	const attempts = process.steps.flatMap((step) => step.attempts.map((attempt) => ({ ...attempt, provider: step.provider })));
	attempts.sort((one, other) => Date.parse(one.at) - Date.parse(other.at));
	const now = process.steps.filter((step) => step.state === 'calling' || step.state === 'retry');
	if (attempts.length + now.length === 0) return null;
	const cost = ({ charge, cost_micros }) => (charge === 'free' ? 'free' : `${charge === 'maybe_charged' ? 'perhaps ' : ''}${money(cost_micros, currency())}`);
	return h('ol.timeline', { 'aria-label': 'Attempts' },
		attempts.map((attempt) => h('li', null,
			h('time', { datetime: attempt.at }, clock(attempt.at)), chip(RESULT_TONES[attempt.result] ?? 'bad', sentence(attempt.result)),
			h('span', `${providerName(attempt.provider)}, attempt ${attempt.attempt}`), h('span.quiet', [attempt.why, span(attempt.took_ms / 1000), cost(attempt)].filter(Boolean).join(', ')))),
		now.map((step) => h('li', h('time', 'now'), chip(step.state === 'retry' ? 'warn' : 'busy', stepWords(step)), h('span', providerName(step.provider)))));
}

function drawEmail(process) {
	const check = lead.email_check ?? {};
	const state = process?.state ?? check.state;
	const verdict = VERDICTS[process?.verdict ?? check.verdict];
	render(byId('drawer-email'), h('h3', 'E-mail verification'),
		state
			? [h('p.chips', verdictChip(check, process), verdictWords(check, process)),
				state === 'ended' && verdict && h('p', verdict[1]), state === 'ended' && check.at && h('p.quiet', `Found out ${ago(check.at)}`)]
			: h('p.quiet', 'Not verified yet. The mail server is asked whether it takes mail for the address; no mail is sent.'));
}

const shownValue = (name) => (name === 'country' ? countryWords(lead.country) : String(lead[name] ?? ''));

function source(name) {
	const from = lead.provenance?.[name];
	if (!from) return '';
	const words = from.source === 'file' ? `from the file${from.row ? `, row ${from.row}` : ''}` : from.source === 'user' ? 'entered by hand' : `from ${providerName(from.source.replace('provider:', ''))}`;
	const before = from.value_before ? `; before: ${from.value_before}` : '';
	return `${words}${from.source === 'file' || !from.at ? '' : `, ${ago(from.at)}`}${before}`;
}

function drawValues() {
	const { emails = [], phones = [], columns = [] } = lead.other ?? {};
	const values = [...FIELDS.map((name) => [fieldWords(name), shownValue(name), source(name)]),
		emails.length > 0 && ['Other addresses', emails.join(', '), ''], phones.length > 0 && ['Other phones', phones.map((one) => one.number ?? one).join(', '), ''],
		...columns.map(({ name, text }) => [name, text, 'kept from the file'])].filter(Boolean);
	render(byId('drawer-values'), h('h3', 'Values'),
		h('dl.values', values.map(([name, text, from]) => [h('dt', name), h('dd', text || h('span.quiet', 'empty'), from && h('small', from))])),
		h('p.quiet', `Added ${dateTime(lead.created_at)}, changed ${dateTime(lead.updated_at)}`));
}

function drawIssues() {
	const { issues } = lead;
	render(byId('drawer-issues'), issues.length > 0 && [h('h3', 'Issues of its row'),
		h('ul', issues.map((issue) => h('li', h('strong', sentence(issue.code)), issue.raw && [': ', h('q', issue.raw)], issue.advice && h('small', issue.advice))))]);
}

function edit() {
	isEditing = true;
	const values = Object.fromEntries(FIELDS.map((name) => [name, name === 'country' ? (lead.country?.code ?? '') : String(lead[name] ?? '')]));
	const stop = () => {
		isEditing = false;
		draw();
	};
	const save = async () => {
		const entered = Object.fromEntries(new FormData(form));
		const changes = {};
		for (const name of FIELDS) {
			const text = entered[name].trim();
			if (text !== values[name]) changes[name] = text === '' ? null : name === 'years_in_role' && !Number.isNaN(Number(text)) ? Number(text) : text;
		}
		if (Object.keys(changes).length > 0) {
			await patch(`leads/${lead.id}`, changes);
			lead = await get(`leads/${lead.id}`);
			notify('Saved.');
		}
		stop();
	};
	const form = h('form.form', { onsubmit: (event) => event.preventDefault() },
		FIELDS.map((name) => field(fieldWords(name), h('input', { name, value: values[name], autocomplete: 'off' }), name === 'country' && 'A name or a code')),
		h('div.actions', button('Save', save, { kind: 'primary', type: 'submit' }), button('Keep as it was', stop)));
	render(byId('drawer-values'), h('h3', 'Edit'), form);
	form.elements[0].focus();
}

async function deleteLead() {
	const { id } = lead;
	if (!(await confirmed('Delete this lead', 'With all that was found about it.', 'Delete'))) return;
	await remove(`leads/${id}`);
	drawer.close();
	notify('Lead deleted.');
}

async function forget() {
	const { email } = lead;
	if (!(await confirmed('Forget this person', 'All about it is erased, and its address never imported or looked up again.', 'Forget'))) return;
	await post('suppressions', { kind: 'email', value: email, forget: true });
	drawer.close();
	notify('Forgotten, and suppressed from now on.');
}
