// Puts the parts together: sections, first reading, events.

import { get } from './api.js';
import { byId, notify, setText } from './dom.js';
import { startDrawer } from './drawer.js';
import { readImports, startImport } from './import.js';
import { leadsChanged, refreshLeads, showLeads, startLeads } from './leads.js';
import { watch } from './live.js';
import { applyToProcess, forgetProcesses } from './process.js';
import { readProviders, refreshProviders, startProviders } from './providers.js';
import { jobChanged, readJobs, startRuns } from './runs.js';
import { emit } from './state.js';

const SECTIONS = ['import', 'leads', 'runs', 'providers'];

let section = 'import';
function showSection() {
	const asked = location.hash.slice(1);
	// The link that skips the navigation leads nowhere else.
	if (SECTIONS.includes(asked)) section = asked;
	for (const name of SECTIONS) {
		byId(`view-${name}`).hidden = name !== section;
		const link = document.querySelector(`nav a[href="#${name}"]`);
		if (name === section) link.setAttribute('aria-current', 'page');
		else link.removeAttribute('aria-current');
	}
	document.title = `${section[0].toUpperCase()}${section.slice(1)} – Genesy`;
}

// Reads everything that is on the page.
async function readAll() {
	forgetProcesses();
	await Promise.all([readServer(), readProviders(), readJobs(), readImports()]);
	refreshLeads();
}

async function readServer() {
	byId('demo').hidden = !(await get('server')).is_demo;
}

function takeEvents(events) {
	const ofLeads = [];
	for (const event of events) {
		if (event.type === 'phone' || event.type === 'email') {
			applyToProcess(event);
			ofLeads.push(event);
			jobChanged(event.job);
			if (event.what === 'ended' || event.what === 'finished') refreshProviders();
		} else if (event.type === 'job') {
			jobChanged(event.job);
			// Where a job has many leads, not each is told of.
			forgetProcesses();
			refreshLeads();
		}
		else if (event.type === 'import') {
			emit('import-event');
			refreshLeads();
		} else if (event.type === 'provider') refreshProviders();
		else if (event.type === 'leads') {
			refreshLeads();
			emit('lead-changed', event.lead);
		}
	}
	if (ofLeads.length > 0) leadsChanged(ofLeads);
	for (const lead of new Set(ofLeads.map((event) => event.lead))) emit('process', lead);
	for (const { what, lead } of ofLeads) if (what === 'finished') emit('lead-changed', lead);
}

let wasLost = false;
function showState(state) {
	const isLive = state === 'live';
	byId('live').dataset.state = state;
	byId('live').className = `chip ${isLive ? 'good' : 'bad'}`;
	setText(byId('live'), isLive ? '● Live' : '○ Not live');
	byId('offline').hidden = isLive;
	if (isLive && wasLost) {
		notify('Live again.');
		readAll().catch(notify);
	}
	wasLost = !isLive;
}

startImport();
startLeads();
startDrawer();
startRuns();
startProviders();
showSection();
addEventListener('hashchange', () => {
	showSection();
	byId('main').focus({ preventScroll: true });
});
showLeads();
// The first answer shows whether the server wants a token; the stream cannot ask for it.
get('server').catch(notify).then(() => watch({ onEvents: takeEvents, onState: showState, onGap: () => readAll().catch(notify) }));
