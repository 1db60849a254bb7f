// The table of leads: filters, selection, and what can be done with those selected.

import { download, downloadAsked, get, post, url } from './api.js';
import { button, byId, confirmed, h, notify, render, setText, throttled } from './dom.js';
import { openLead } from './drawer.js';
import { startEmail, startPhone } from './forecast.js';
import { Grid } from './grid.js';
import { chip, outcomeChip, processOf, stepChips, verdictChip, verdictWords, wantProcess } from './process.js';
import { Rows, ROWS_MAX } from './rows.js';
import { on, providerShort } from './state.js';
import { ago, count, counted, countryWords, personName } from './words.js';

const COLUMNS = [
	['select', 'Select'], ['name', 'Name', 'name'], ['company', 'Company', 'company'], ['phone', 'Phone'], ['process', 'Phone search'], ['verdict', 'Verification'],
	['email', 'E-mail', 'email'], ['job', 'Job title'], ['country', 'Country', 'country'], ['site', 'Website'], ['linkedin', 'LinkedIn'], ['years', 'Years in role'], ['issues', 'Issues'],
].map(([key, title, sort]) => ({ key, title, sort }));
const TYPING_MS = 250;
const TICK_MS = 1000;
// How soon a list that others change is read again.
const REFRESH_MS = 1000;
const IDS_MAX = 500;
// How many may be selected one by one: the server takes no more.
const SELECTED_MAX = 10_000;

const filters = byId('leads-filters');
const order = { sort: 'id', order: 'asc' };
// Chosen one by one, or all that match.
const selection = { ids: new Set(), isAll: false };
let lastToggled;
// What rows were filled by: it saves looking at them while they are scrolled.
let version = 0;
let grid;
let rows;

export function startLeads() {
	rows = new Rows(changed, notify);
	grid = new Grid(byId('leads-table'), {
		label: 'Leads', columns: COLUMNS, fill,
		onOpen: (index) => rows.at(index) && openLead(rows.at(index).id),
		onToggle: toggle, onSort: sortBy, onSight: (first, last) => rows.want(first, last),
		onKey: (event) => {
			if (event.key === 'a' && (event.ctrlKey || event.metaKey)) {
				event.preventDefault();
				selectAll();
			} else if (event.key === 'Escape') clearSelection();
		},
	});
	grid.setSort(order.sort, order.order);
	startFilters();
	drawActions();
	on('process', redraw);
	on('providers', redraw);
	// For what changes with time alone.
	setInterval(redraw, TICK_MS);
}

// Draws rows anew whose leads may have changed, and not only come in sight.
function redraw() {
	version += 1;
	if (!byId('view-leads').hidden) grid.draw();
}

// What the server calls the filter. A choice about phones names what it filters by.
function query() {
	const { phone, q, country, ...others } = Object.fromEntries(new FormData(filters));
	const [name, value] = phone.split('=');
	const all = { ...others, q: q.trim(), [name]: value, country: country.length === 2 && country.toUpperCase(), import: Number(others.import), has_issues: Boolean(others.has_issues) };
	return Object.fromEntries(Object.entries(all).filter(([, set]) => set));
}

const isFiltered = () => Object.keys(rows.filter ?? {}).length > 0;

// Shows the leads that match.
export function showLeads() {
	clearSelection();
	return showFromTop();
}

function showFromTop() {
	lastToggled = undefined;
	grid.scrollToTop();
	return rows.show({ filter: query(), ...order });
}

export function showImport(id = '') {
	filters.reset();
	filters.elements.import.value = id;
	return showLeads();
}

export const refreshLeads = throttled(REFRESH_MS, () => rows.filter && rows.refresh());

function sortBy(sort) {
	order.order = order.sort === sort && order.order === 'asc' ? 'desc' : 'asc';
	order.sort = sort;
	grid.setSort(sort, order.order);
	showFromTop();
}

function startFilters() {
	let typing;
	filters.addEventListener('input', ({ target }) => {
		clearTimeout(typing);
		typing = setTimeout(showLeads, target.tagName === 'SELECT' ? 0 : TYPING_MS);
	});
	filters.addEventListener('submit', (event) => event.preventDefault());
	on('imports', (imports) => {
		const select = filters.elements.import;
		const [chosen] = select.selectedOptions;
		const files = imports.filter(({ state }) => state === 'imported');
		select.replaceChildren(select.options[0], ...files.map(({ id, file_name: name }) => h('option', { value: id }, name)));
		select.value = chosen.value;
		// What is filtered by stays chosen where it is not listed any more.
		if (select.selectedIndex < 0) {
			select.append(chosen);
			chosen.selected = true;
		}
	});
}

function changed() {
	const many = rows.count > ROWS_MAX ? `; a filter shows those beyond ${count(ROWS_MAX)}` : '';
	setText(byId('leads-count'), rows.filter ? `${counted(rows.count, 'lead')}${isFiltered() ? ' match' : ''}${many}` : 'Reading…');
	const isEmpty = rows.filter && rows.count === 0;
	byId('leads-table').hidden = isEmpty;
	byId('leads-empty').hidden = !isEmpty;
	if (isEmpty) {
		render(byId('leads-empty'), isFiltered()
			? h('div.empty', h('p', 'No lead matches this filter.'), button('Clear the filter', () => showImport()))
			: h('div.empty', h('p', 'No leads yet. Import a CSV: you see first how it is understood.'),
				h('a.button.primary', { href: '#import' }, 'Import leads')));
	}
	grid.setCount(rows.length);
	drawActions();
}

const selectedCount = () => (selection.isAll ? rows.count : selection.ids.size);
const isSelected = (lead) => selection.isAll || selection.ids.has(lead?.id);
// All are those that are shown.
const chosenLeads = () => (selection.isAll ? { filter: rows.filter } : { leads: [...selection.ids] });

// Toggles a lead, or selects all from the last one that was toggled, or from `start` where there is none.
async function toggle(index, start) {
	const lead = rows.at(index);
	if (!lead) return;
	if (selection.isAll) {
		clearSelection();
		notify('Now only this lead is selected.');
	}
	if (start !== undefined) {
		const [first, last] = [lastToggled ?? start, index].sort((one, other) => one - other);
		const ids = await rows.ids(first, Math.min(last, first + SELECTED_MAX)).catch(notify);
		ids?.forEach((id) => selection.ids.add(id));
	} else if (!selection.ids.delete(lead.id)) selection.ids.add(lead.id);
	const beyond = [...selection.ids].slice(SELECTED_MAX);
	beyond.forEach((id) => selection.ids.delete(id));
	if (beyond.length > 0) notify(`No more than ${count(SELECTED_MAX)} can be selected one by one: filter, and select all.`);
	lastToggled = index;
	grid.draw();
	drawActions();
}

function select(isAll) {
	selection.ids.clear();
	selection.isAll = isAll;
	grid.draw();
	drawActions();
}

const selectAll = () => select(true);
const clearSelection = () => select(false);

const drawActions = throttled(0, () => {
	const chosen = selectedCount();
	const why = chosen === 0 && 'Select leads first: click a box, press Space in a row, or select all.';
	const none = rows.isCounted ? rows.count === 0 && 'There is no lead.' : 'Leads are counted.';
	render(byId('leads-actions'),
		button(selection.isAll ? 'Clear the selection' : `Select all ${count(rows.count)}${isFiltered() ? ' that match' : ''}`, selection.isAll ? clearSelection : selectAll,
			{ key: 'all', why: none }),
		button('Verify e-mail', () => startEmail(chosenLeads()), { why, key: 'verify' }),
		button('Find phone', () => startPhone(chosenLeads()), { why, kind: 'primary', key: 'phone' }),
		button('Delete', deleteChosen, { why, kind: 'danger', key: 'delete' }),
		button(selection.ids.size > 0 ? `Export ${count(chosen)}` : isFiltered() ? 'Export those that match' : 'Export all', exportChosen, { why: none, key: 'export' }),
		h('span.quiet.hint', chosen > 0 ? `${count(chosen)} selected` : 'Arrows move, Space selects, Enter opens'));
});

// By an address where that says nothing of anybody.
function exportChosen() {
	const { filter } = rows;
	const isSome = selection.ids.size > 0;
	if (isSome || filter.q) return downloadAsked('leads/export.csv', isSome ? chosenLeads() : { filter }, 'leads.csv');
	download(url('leads/export.csv', filter), 'leads.csv');
}

async function deleteChosen() {
	const [chosen, leads] = [selectedCount(), chosenLeads()];
	if (!(await confirmed('Delete leads', `${counted(chosen, 'lead')} with all that was found about them. Searches under way are cancelled.`, `Delete ${count(chosen)}`))) return;
	const { deleted } = await post('leads/delete', leads);
	notify(`${counted(deleted, 'lead')} deleted.`);
	clearSelection();
	await rows.refresh();
}

// Leads whose search or verification began or ended are read again; what is between, their process knows.
export function leadsChanged(events) {
	for (const { lead, what } of events) if (['queued', 'finished', 'cancelled'].includes(what) && rows.find(lead)) outdated.add(lead);
	if (outdated.size > 0) readOutdated();
}

const outdated = new Set();
const readOutdated = throttled(200, async () => {
	const ids = [...outdated].slice(0, IDS_MAX);
	ids.forEach((id) => outdated.delete(id));
	if (outdated.size > 0) readOutdated();
	const { items } = await get('leads', { ids: ids.join(','), limit: IDS_MAX }).catch(() => {
		ids.forEach((id) => outdated.add(id));
		return { items: [] };
	});
	items.forEach((lead) => rows.replace(lead));
	redraw();
});

// Puts a lead into the cells of a row, unless they show it already.
function fill(row, index) {
	const lead = rows.at(index);
	const isChosen = isSelected(lead);
	const shown = row.shown;
	if (shown?.lead === lead && shown?.version === version && shown?.isChosen === isChosen) return;
	if (row.getAttribute('aria-selected') !== String(isChosen)) row.setAttribute('aria-selected', isChosen);
	row.shown = { lead, version, isChosen };
	const cells = Object.fromEntries(COLUMNS.map(({ key }, place) => [key, row.children[place]]));
	row.classList.toggle('loading', !lead);
	if (!lead) {
		row.setAttribute('aria-busy', 'true');
		Object.values(cells).forEach((cell) => setText(cell, ''));
		setText(cells.name, '…');
		return;
	}
	row.removeAttribute('aria-busy');
	if (!cells.select.firstChild) cells.select.append(h('span.box-mark'));
	const texts = {
		name: personName(lead), company: lead.company_name, email: lead.email, job: lead.job_title, country: countryWords(lead.country),
		site: lead.company_domain, linkedin: lead.linkedin_url, years: lead.years_in_role,
		issues: lead.issues > 0 ? counted(lead.issues, 'issue') : '',
	};
	for (const [key, text] of Object.entries(texts)) setText(cells[key], cells[key].title = String(text ?? ''));
	fillProcesses(cells, lead);
}

function fillProcesses(cells, lead) {
	const { phone_search: search, email_check: check } = lead;
	const [phone, email] = [processOf('phone', lead.id), processOf('email', lead.id)];
	if (search?.state) wantProcess('phone', lead.id);
	if (check?.state && check.state !== 'ended') wantProcess('email', lead.id);
	const words = check ? verdictWords(check, email) : '';
	render(cells.verdict, check && verdictChip(check, email), words || (!check?.state && 'Not verified'));
	cells.verdict.title = words;
	const source = search?.outcome === 'found' && search.provider ? `${providerShort(search.provider)}, ${ago(search.at)}` : '';
	render(cells.phone, lead.phone, lead.phone && lead.phone_is_valid !== true && chip('warn', 'doubtful', 'It fits the numbering plan of no known country.'), lead.phone && source && h('small', source));
	render(cells.process, search?.state ? outcomeChip(search, phone) : 'Not searched', phone && stepChips(phone));
}
