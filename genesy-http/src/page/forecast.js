// What a run would do, before it is begun: cost, coverage, time, and who is skipped for what reason.

import { post } from './api.js';
import { button, byId, h, notify, openDialog, table } from './dom.js';
import { PATHS } from './process.js';
import { providerName, setJobs } from './state.js';
import { count, counted, money, percent, sentence, span } from './words.js';

const dialog = byId('dialog');

export const startPhone = (selection, refresh = false) => ask('phone', selection, refresh);
export const startEmail = (selection, refresh = false) => ask('email', selection, refresh);

const TITLES = { phone: 'Find phones', email: 'Verify e-mail addresses' };

async function ask(kind, selection, refresh) {
	const forecast = await post('forecasts', { kind, selection, refresh });
	const again = h('input', { type: 'checkbox', onchange: ({ target }) => ask(kind, selection, target.checked).catch(notify), 'data-key': 'refresh' });
	again.checked = refresh;
	const { eligible } = forecast;
	const why = eligible === 0 && 'Nobody would be asked: see above who is skipped and why.';
	openDialog(dialog, h('h2', { id: 'dialog-title' }, TITLES[kind]),
		h('p', eligible === forecast.leads ? `${counted(eligible, 'lead')}.` : `${count(eligible)} of ${counted(forecast.leads, 'lead')}.`),
		figures(kind, forecast), skipped(forecast), kind === 'phone' && order(forecast),
		h('label.check', again, 'Also those that have an answer already'),
		why && h('p.why', { id: 'dialog-why' }, why),
		h('div.actions.end', h('button', { onclick: () => dialog.close(), 'data-key': 'not' }, 'Not now'),
			button(`Start for ${counted(eligible, 'lead')}`, () => start(kind, selection, refresh), { kind: 'primary', key: 'start', why, 'aria-describedby': why && 'dialog-why', autofocus: true })));
}

// An expected value with its likely range.
const range = ({ expected, low, high }, words) => (low === high ? words(expected) : `${words(expected)}, likely ${words(low)} to ${words(high)}`);

function figures(kind, { cost_micros: cost, coverage, p50_s, p95_s, job_time_s, worst_case_s, currency }) {
	const rows = [
		...(kind === 'phone' ? [['Cost', range(cost, (micros) => money(micros, currency))], ['Leads with a phone then', range(coverage, percent)]] : []),
		['All done in about', span(job_time_s)],
		['Time for one lead', `${span(p50_s)}, 19 of 20 within ${span(p95_s)}, at most ${span(worst_case_s)}`],
	];
	return h('dl.figures', rows.map(([name, text]) => [h('dt', name), h('dd', text)]));
}

const skipped = ({ skipped: reasons }) => reasons.length > 0 && [h('h3', 'Skipped'),
	h('ul', reasons.map(({ reason, count: leads }) => h('li', `${counted(leads, 'lead')}: ${sentence(reason)}`)))];

function order({ providers, currency, suggested_order: suggested }) {
	const cells = providers.map((one) => [
		one.name, count(Math.round(one.expected_calls)), count(Math.round(one.expected_hits)), money(one.cost_micros, currency),
		one.skipped.map(({ why, count: leads }) => `${count(leads)}: ${why}`).join('; ') || 'nobody']);
	const differs = suggested.join() !== providers.map(({ id }) => id).join();
	return [h('h3', 'Asked in this order, until one has a number'),
		table('Providers', ['Provider', 'Asked for', 'Hits', 'Cost', 'Not asked for'], cells),
		differs && h('p.quiet', `Cheaper in this order, a setting of the server: ${suggested.map(providerName).join(', ')}.`)];
}

async function start(kind, selection, refresh) {
	const job = await post(PATHS[kind], { selection, refresh });
	setJobs([job]);
	dialog.close();
	notify(`${TITLES[kind]}: begun for ${counted(job.leads, 'lead')}.`);
}
