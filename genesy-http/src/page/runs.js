// Jobs: a bar for those under way on every view, and the list of all.

import { get, post } from './api.js';
import { button, byId, confirmed, h, notify, render, throttled } from './dom.js';
import { chip } from './process.js';
import { currency, jobs, on, setJobs } from './state.js';
import { count, counted, dateTime, JOBS, KINDS, OUTCOMES, outcomeWords, span, spent, VERDICTS } from './words.js';

// How often the counts of a job under way are read, at most.
const READ_MS = 500;
const LISTED_MAX = 50;
const IN_BAR_MAX = 2;

const dirty = new Set();
// Jobs that ended while the page was open, until they are put away.
const ended = new Set();

export function startRuns() {
	on('jobs', draw);
	on('providers', draw);
}

export async function readJobs() {
	const { items } = await get('jobs', { limit: LISTED_MAX });
	jobs.clear();
	setJobs(items);
}

// Something of a job happened: its counts are read again soon.
export function jobChanged(id) {
	dirty.add(id);
	readDirty();
}

const readDirty = throttled(READ_MS, async () => {
	const ids = [...dirty];
	dirty.clear();
	const read = await Promise.all(ids.map((id) => get(`jobs/${id}`).catch(() => null)));
	read.filter(Boolean).forEach(take);
});

// Takes a newer reading of a job. One that ended stays in the bar.
function take(job) {
	if (jobs.has(job.id) && isOpen(jobs.get(job.id)) && !isOpen(job)) {
		ended.add(job.id);
		notify(`${KINDS[job.kind]}: ${JOBS[job.state][0].toLowerCase()}. ${outcomes(job)}`);
	}
	setJobs([job]);
}

const isOpen = ({ state }) => state === 'running' || state === 'paused';
const settled = ({ leads, counts }) => leads - (counts.queued ?? 0) - (counts.running ?? 0);

const ends = ({ counts }) => Object.entries(counts.by_outcome ?? {});

const outcomes = (job) => ends(job).filter(([, number]) => number > 0)
	.map(([name, number]) => `${outcomeWords(name)} ${count(number)}`).join(', ');

// How many of a job ended in a way that may end otherwise if tried again.
const retriable = (job) => ends(job).reduce((sum, [name, number]) => sum + ((OUTCOMES[name] ?? VERDICTS[name])?.[3] ? number : 0), 0);

const act = (job, verb) => async () => {
	if (verb === 'cancel' && !(await confirmed('Cancel this run', `${counted(job.leads - settled(job), 'lead')} will not be asked about. What was found stays.`, 'Cancel the run'))) return;
	take(await post(`jobs/${job.id}/${verb}`));
};

// A job with its figures and what can be done with it. It is shown at two places.
function jobElement(job, place) {
	const press = (label, handler, kind) => button(label, handler, { kind, key: `${place} ${label} ${job.id}` });
	const failed = retriable(job);
	const [words, tone] = JOBS[job.state];
	const bar = h('progress', { max: job.leads || 1, 'aria-label': `${KINDS[job.kind]}, progress` });
	bar.value = settled(job);
	return h('article.job', { 'data-key': job.id }, h('strong', KINDS[job.kind]), chip(tone, words), bar,
		h('span.numbers', [`${count(settled(job))} of ${count(job.leads)}`, outcomes(job), pace(job), job.kind === 'phone' && `cost ${spent(job, currency())}`, place === 'list' && dateTime(job.created_at)].filter(Boolean).join(' · ')),
		h('span.actions',
			job.state === 'running' && press('Pause', act(job, 'pause')),
			job.state === 'paused' && press('Resume', act(job, 'resume'), 'primary'),
			isOpen(job) && press('Cancel', act(job, 'cancel')),
			!isOpen(job) && failed > 0 && press(`Retry the ${count(failed)} that failed`, act(job, 'retry-failed')),
			!isOpen(job) && place === 'bar' && press('Put away', () => {
				ended.delete(job.id);
				draw();
			})));
}

function pace(job) {
	if (job.ended_at) return `took ${span((Date.parse(job.ended_at) - Date.parse(job.created_at)) / 1000)}`;
	if (job.state !== 'running') return '';
	const rate = job.rate_per_s > 0 ? `${job.rate_per_s < 10 ? job.rate_per_s.toFixed(1) : Math.round(job.rate_per_s)} a second, ` : '';
	return `${rate}${job.eta_s == null ? 'time left: not known yet' : `${span(job.eta_s)} left`}`;
}

function draw() {
	const list = [...jobs.values()].sort((one, other) => other.id - one.id);
	const inBar = list.filter((job) => isOpen(job) || ended.has(job.id));
	const bar = byId('bar');
	bar.hidden = inBar.length === 0;
	render(bar, inBar.slice(0, IN_BAR_MAX).map((job) => jobElement(job, 'bar')), inBar.length > IN_BAR_MAX && h('a', { href: '#runs' }, `${inBar.length - IN_BAR_MAX} more`));
	render(byId('runs-list'), list.length > 0 ? h('div.card', list.map((job) => jobElement(job, 'list')))
		: h('div.empty', h('p', 'No runs yet. Select leads, then verify addresses or find phones: you see first what it costs and whom it skips.'), h('a.button.primary', { href: '#leads' }, 'Go to the leads')));
}
