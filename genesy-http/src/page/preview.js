// How a file is understood, before anything is added: all of it can be changed.

import { get, put } from './api.js';
import { button, choice, field, h, notify, render, table } from './dom.js';
import { counts } from './import.js';
import { issueChip } from './process.js';
import { count, counted, FIELDS, fieldWords, sentence, size } from './words.js';

const TARGETS = ['first_name', 'last_name', 'full_name', 'email', 'phone', 'job_title', 'country', 'company_name', 'company_website', 'linkedin_url', 'years_in_role'];
const ENCODINGS = ['UTF-8', 'windows-1252', 'ISO-8859-15', 'windows-1250', 'windows-1251', 'macintosh', 'UTF-16LE', 'Shift_JIS', 'GBK', 'EUC-KR'];
const DELIMITERS = [[',', 'comma'], [';', 'semicolon'], ['\t', 'tab'], ['|', 'vertical bar']];

const DUPLICATES = [['keep_first', 'the first row counts'], ['merge_blanks', 'the first one, with what it lacks from others'], ['keep_all', 'every row becomes a lead']];

// The import that is shown, where, what can be done, and how it is understood.
let of;
let place;
let actions;
let shown;
// The last change: whether it was taken. Each waits for the one before.
let last;
let waiting = 0;

export function forgetPreview() {
	of = undefined;
}

// Waits for changes under way. False if one was refused.
export const settled = async () => waiting === 0 || last;

export async function drawPreview(container, current, handlers) {
	[of, place, actions, shown] = [current, container, handlers];
	const preview = await get(`imports/${current.id}/preview`);
	if (of?.id !== current.id) return;
	shown = preview;
	draw();
}

// Asks the server to understand it in another way. What is empty is found out.
function change(changes) {
	const { id } = of;
	waiting += 1;
	place.setAttribute('aria-busy', 'true');
	last = (async (before) => {
		let isTaken = await before;
		try {
			if (of?.id !== id || !shown) return false;
			const options = { ...shown.options, ...changes, columns: { ...shown.options.columns, ...changes.columns } };
			for (const [name, value] of Object.entries(changes)) if (value === '') delete options[name];
			const preview = await put(`imports/${id}/options`, options);
			if (of?.id === id) shown = preview;
		} catch (error) {
			notify(error);
			isTaken = false;
		}
		return isTaken;
	})(waiting > 1 ? last : true).finally(() => {
		waiting -= 1;
		if (waiting > 0) return;
		place.removeAttribute('aria-busy');
		if (of && shown) draw();
	});
}

const nameOf = ({ header, index }) => header || `column ${index + 1}`;

function draw() {
	const preview = shown;
	const { columns, counts: sums, is_sample: isSample } = preview;
	const ignored = columns.filter(({ target }) => !target);
	const leads = (sums.imported ?? 0) + (sums.imported_with_cells_emptied ?? 0);
	const none = leads === 0 && 'No row would become a lead: map the columns below, or change how the file is read.';
	render(place, h('div.card',
		h('h3', of.file_name, ' ', h('small.quiet', size(of.bytes))),
		detected(preview),
		h('h4', isSample ? 'What would happen to its first rows' : 'What would happen to its rows'), counts(sums),
		h('h4', 'Columns'), mapping(columns),
		ignored.length > 0 && h('p', `Not a field of a lead, kept beside it: ${ignored.map(nameOf).join(', ')}.`),
		issues(preview), firstRows(preview),
		none && h('p.why', none),
		h('div.actions',
			button(isSample ? `Import about ${counted(estimate(leads, sums), 'lead')}` : `Import ${counted(leads, 'lead')}`, actions.onCommit, { kind: 'primary', key: 'commit', why: none }),
			button('Discard', actions.onDiscard, { key: 'discard' }))));
}

// How many leads the whole file may have, by its sample.
const estimate = (leads, { rows }) => Math.round((leads / Math.max(1, rows)) * (of.rows_total_estimate ?? rows));

const sure = (confidence) => `${Math.round(confidence * 100)} % sure`;

function detected({ encoding, dialect, options }) {
	const encodings = [...new Set([encoding.name, ...ENCODINGS])].map((name) => [name, name]);
	const delimiters = DELIMITERS.some(([sign]) => sign === dialect.delimiter) ? DELIMITERS : [[dialect.delimiter, dialect.delimiter], ...DELIMITERS];
	const before = dialect.lines_before > 0 ? `${counted(dialect.lines_before, 'line')} before it passed over` : '';
	return h('fieldset.detected', h('legend', 'Detected, and can be changed'),
		field('Encoding', choice(encodings, encoding.name, (value) => change({ encoding: value })), encoding.is_chosen ? 'chosen by you' : sure(encoding.confidence)),
		field('Delimiter', choice(delimiters, dialect.delimiter, (value) => change({ delimiter: value })), options.delimiter ? 'chosen by you' : sure(dialect.confidence)),
		field('Header', choice([['true', 'names in its first row'], ['false', 'no names']], String(dialect.has_header), (value) => change({ header: value === 'true' })), before),
		field('Country of leads without one', h('input.short', { maxlength: 2, value: options.default_country ?? '', placeholder: 'none', onchange: ({ target }) => change({ default_country: target.value.trim().toUpperCase() }) }), 'Two letters; for reading phones'),
		field('Rows with the same address', choice(DUPLICATES, options.duplicates ?? 'keep_first', (value) => change({ duplicates: value }))));
}

function mapping(columns) {
	const targets = [['extra', 'not a field: keep beside'], ...TARGETS.map((name) => [name, fieldWords(name)])];
	const changeOf = (index) => (value) => change({ columns: { [index]: value } });
	return table('Columns', ['Column', 'Is', 'Why', 'Samples'], columns.map((column) => [
		h('strong', nameOf(column)),
		choice(targets, column.target ?? 'extra', changeOf(column.index), { 'data-key': `column ${column.index}`, 'aria-label': `What ${nameOf(column)} is` }),
		h('span.quiet', column.target ? `${column.reason}, ${sure(column.confidence)}` : column.reason),
		h('span.samples', column.samples.slice(0, 3).map((sample) => h('code', sample)))]));
}

function issues({ issues: list, columns }) {
	if (list.length === 0) return null;
	const column = (index) => (index === null ? 'row' : nameOf(columns[index] ?? { index }));
	return h('details', h('summary', `${counted(list.length, 'issue')} found`),
		table('Issues', ['Row', 'Where', 'What', 'Done', 'What stood there', 'What to do'], list.map((issue) => [
			count(issue.row), column(issue.column), issueChip(issue), sentence(issue.action), h('code', issue.raw), issue.advice])));
}

const LEAD_COLUMNS = FIELDS.slice(0, 8);

function firstRows({ rows }) {
	if (rows.length === 0) return null;
	return h('details', { open: true }, h('summary', `${counted(rows.length, 'row')} as leads`),
		table('First rows', ['Row', 'Becomes', ...LEAD_COLUMNS.map(fieldWords)], rows.map((row) => [
			count(row.row), sentence(row.outcome) + (row.of_row ? ` of row ${row.of_row}` : ''), ...LEAD_COLUMNS.map((name) => row.lead[name]?.code ?? row.lead[name])])));
}
