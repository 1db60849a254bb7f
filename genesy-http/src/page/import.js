// Files: picked or dropped, uploaded, and then shown until they are leads, or undone.

import { download, get, post, remove, upload, url } from './api.js';
import { button, byId, confirmed, h, notify, render, table, throttled } from './dom.js';
import { showImport } from './leads.js';
import { drawPreview, forgetPreview, settled } from './preview.js';
import { chip, issueChip } from './process.js';
import { emit, on } from './state.js';
import { CONSEQUENCES, count, counted, dateTime, IMPORTS, size } from './words.js';

const SAMPLE = 'sample-leads.csv';
const REFRESH_MS = 300;
const LISTED_MAX = 20;

let imports = [];
// The import that is looked at.
let current;
let uploading;

export function startImport() {
	drawNew();
	addEventListener('dragover', (event) => event.preventDefault());
	addEventListener('drop', (event) => {
		event.preventDefault();
		if (!byId('view-import').hidden && event.dataTransfer.files[0]) take(event.dataTransfer.files[0]);
	});
	on('import-event', refreshImports);
}

export async function readImports() {
	const { items } = await get('imports', { limit: 100 });
	imports = items;
	emit('imports', imports);
	const before = current;
	current = imports.find(({ id }) => id === before?.id) ?? (before ? undefined : imports.find(({ state }) => state === 'ready' || state === 'importing'));
	if (current && (current.id !== before?.id || current.state !== before?.state || current.state !== 'ready')) await drawCurrent();
	if (!current && before) render(byId('import-current'));
	drawList();
}

const refreshImports = throttled(REFRESH_MS, () => readImports().catch(notify));

function drawNew() {
	const input = h('input.hidden', { type: 'file', id: 'file', accept: '.csv,.tsv,.txt,text/csv,text/plain', onchange: () => input.files[0] && take(input.files[0]) });
	const zone = h('div.drop', h('p', h('strong', 'Drop a file of leads here'), ', or ', input, h('label', { for: 'file' }, 'pick one'), '.'),
		h('p.quiet', 'CSV of any kind. You see how it is understood before it is added.'),
		h('p.quiet', button('Try the sample file', takeSample, { key: 'sample' }), ' or ', h('a', { href: `page/${SAMPLE}`, download: SAMPLE }, 'look at it'), ': it is ugly on purpose.'));
	render(byId('import-new'), zone, h('div', { id: 'import-upload' }));
}

async function takeSample() {
	const response = await fetch(`page/${SAMPLE}`);
	await take(new File([await response.blob()], SAMPLE, { type: 'text/csv' }));
}

async function take(file) {
	if (uploading) return notify('A file is being uploaded already.');
	const bar = h('progress', { max: file.size || 1, value: 0, 'aria-label': 'Upload' });
	const text = h('span.quiet');
	uploading = upload(file, (loaded) => {
		bar.value = loaded;
		text.textContent = `${size(loaded)} of ${size(file.size)}`;
	});
	render(byId('import-upload'), h('div.line', h('span', `Uploading ${file.name}`), bar, text, h('button', { onclick: () => uploading?.cancel() }, 'Stop')));
	try {
		current = await uploading.done;
		notify(`${file.name} is uploaded: see how it is understood.`);
		await drawCurrent();
		await readImports();
	} catch (error) {
		notify(error);
	} finally {
		uploading = undefined;
		render(byId('import-upload'));
		byId('file').value = '';
	}
}

async function drawCurrent() {
	const place = byId('import-current');
	if (current.state === 'ready') {
		await drawPreview(place, current, { onCommit: commit, onDiscard: discard });
		return;
	}
	forgetPreview();
	const { state, rows_read: read, rows_total_estimate: total, file_name: name, error } = current;
	if (state === 'importing' || state === 'undoing') {
		const bar = h('progress', { max: total || read || 1, 'aria-label': IMPORTS[state][0] });
		bar.value = read;
		render(place, h('div.card', h('h3', `${IMPORTS[state][0]}: ${name}`), bar, h('p', `${counted(read, 'row')} read${total ? ` of about ${count(total)}` : ''}`), error && h('p.why', error)));
	} else render(place, result());
}

const stateChip = (state) => chip(IMPORTS[state][1], IMPORTS[state][0]);

function result() {
	const { id, state, file_name: name, summary, error, leads_new: added, leads_known: known, leads_suppressed: suppressed } = current;
	const rejected = summary?.rejected ?? 0;
	return h('div.card', h('h3', name, ' ', stateChip(state)),
		error && h('p.why', error),
		state === 'imported' && h('p', `${counted(added, 'new lead')}.`, known > 0 && ` ${counted(known, 'lead')} were here already and got what they lacked.`, suppressed > 0 && ` ${counted(suppressed, 'lead')} not added: suppressed.`),
		summary && counts(summary), summary?.issues?.length > 0 && issueTable(summary.issues),
		h('div.actions',
			state === 'imported' && button('Show these leads', () => goToLeads(id), { kind: 'primary' }),
			rejected > 0 && button(`Download the ${counted(rejected, 'rejected row')}`, () => download(url(`imports/${id}/rejected.csv`), 'rejected.csv'), { key: 'rejected' }),
			state === 'imported' && button('Undo this import', undo),
			button('Close', close)));
}

function close() {
	current = undefined;
	forgetPreview();
	render(byId('import-current'));
}

async function goToLeads(id) {
	location.hash = '#leads';
	await showImport(id);
}

// How many rows had which fate.
export const counts = (summary) => h('ul.counts', Object.entries(CONSEQUENCES).filter(([name]) => summary[name] > 0)
	.map(([name, [words, tone]]) => h('li', { class: tone }, h('strong', count(summary[name])), ` ${words}`)));

export const issueTable = (issues) => h('details', { open: issues.length < 12 }, h('summary', `${counted(issues.length, 'kind')} of issues, with what to do`),
	table('Issues by kind', ['How many', 'What', 'What to do'], issues.map((issue) => [count(issue.count), issueChip(issue), issue.advice])));

async function commit() {
	const { id } = current;
	// What is imported is what was shown: not before a change is taken, nor where it was refused.
	if (!(await settled()) || current?.id !== id) return;
	await post(`imports/${id}/commit`);
	await readImports();
}

async function discard() {
	await remove(`imports/${current.id}`);
	close();
	notify('Discarded: nothing was added.');
	await readImports();
}

async function undo() {
	const { id, leads_new: added } = current;
	if (!(await confirmed('Undo this import', `${counted(added, 'lead')} that it added will be deleted, with all that was found about them.`, 'Undo'))) return;
	await post(`imports/${id}/undo`);
	await readImports();
}

function drawList() {
	const look = async (one) => {
		current = one;
		await drawCurrent();
		byId('import-current').scrollIntoView();
	};
	render(byId('import-list'), imports.length > 0 && [h('h3', 'Imports'),
		table('Imports', ['File', 'State', 'Leads', 'When', ''], imports.slice(0, LISTED_MAX).map((one) => [
			one.file_name, stateChip(one.state), one.state === 'imported' ? count(one.leads_new) : '',
			dateTime(one.imported_at ?? one.created_at), button('Look', () => look(one), { key: `look ${one.id}`, 'aria-label': `Look at ${one.file_name}` })]))]);
}
