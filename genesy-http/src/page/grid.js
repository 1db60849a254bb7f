// A table of any length of which only the rows in sight are in the document.
//
// Each row lies at its own place in a tall box; where no box can be so tall, it is scrolled in proportion.
// One row is in the tab order (a roving tabindex), and stays in the document while it has the focus.

import { h } from './dom.js';

// Rows beyond each edge that are ready before they come in sight.
const AHEAD = 8;
// The tallest box that all browsers lay out exactly, in pixels.
const HEIGHT_MAX = 8_000_000;

export class Grid {
	#rows = new Map();
	#frame = 0;
	// The row in the tab order.
	active = 0;

	// `columns`: `{key, title, sort}`; `fill(row, index)` fills the cells of a row; `onSight(first, last)` tells which rows are seen.
	constructor(container, { label, columns, fill, onOpen, onKey, onSort, onSight, onToggle }) {
		Object.assign(this, { columns, fill, onOpen, onKey, onSight, onToggle, count: 0, rowHeight: 1, inSight: 1 });
		this.heads = columns.map((column) => this.#head(column, onSort));
		this.head = h('div.row.head', { role: 'row', 'aria-rowindex': '1' }, this.heads);
		this.box = h('div.box', { role: 'presentation' });
		this.body = h('div.scroller', { role: 'grid', 'aria-label': label, 'aria-colcount': columns.length, 'aria-multiselectable': 'true' },
			h('div', { role: 'rowgroup', class: 'heads' }, this.head),
			h('div', { role: 'rowgroup', class: 'body' }, this.box));
		container.replaceChildren(this.body);
		this.body.addEventListener('scroll', () => this.draw(), { passive: true });
		this.body.addEventListener('keydown', (event) => this.#key(event));
		this.body.addEventListener('click', (event) => this.#click(event));
		// A range of rows is not a range of text.
		this.body.addEventListener('mousedown', (event) => event.shiftKey && event.preventDefault());
		this.body.addEventListener('focusin', ({ target }) => {
			if (target.classList.contains('item')) this.#activate(Number(target.dataset.index));
		});
		new ResizeObserver(() => {
			// Both differ between wide and narrow windows.
			this.rowHeight = parseFloat(getComputedStyle(this.body).getPropertyValue('--row'));
			this.inSight = Math.max(1, this.body.clientHeight - this.head.offsetHeight);
			this.draw();
		}).observe(this.body);
	}

	#head({ key, title, sort }, onSort) {
		const content = sort ? h('button.sort', { onclick: () => onSort(sort) }, title) : h('span', { class: key === 'select' ? 'hidden' : '' }, title);
		return h('div', { role: 'columnheader', class: `cell c-${key}` }, content);
	}

	setSort(sort, order) {
		this.columns.forEach((column, index) => {
			const head = this.heads[index];
			if (column.sort === sort) head.setAttribute('aria-sort', order === 'desc' ? 'descending' : 'ascending');
			else head.removeAttribute('aria-sort');
		});
	}

	setCount(count) {
		this.count = count;
		this.body.setAttribute('aria-rowcount', count + 1);
		this.active = Math.max(0, Math.min(this.active, count - 1));
		this.draw();
	}

	scrollToTop() {
		this.body.scrollTop = 0;
		this.active = 0;
	}

	draw() {
		if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#draw());
	}

	#measure() {
		const { rowHeight, inSight } = this;
		const whole = this.count * rowHeight;
		const height = Math.min(whole, HEIGHT_MAX);
		// 1 where the box is as tall as its rows.
		const stretch = height > inSight ? (whole - inSight) / (height - inSight) : 1;
		return { rowHeight, inSight, height, stretch, top: this.body.scrollTop };
	}

	#draw() {
		this.#frame = 0;
		const { rowHeight, inSight, height, stretch, top } = this.#measure();
		if (this.height !== height) this.box.style.height = `${this.height = height}px`;
		const from = top * stretch;
		const seen = Math.max(0, Math.floor(from / rowHeight));
		const end = Math.ceil((from + inSight) / rowHeight);
		const first = Math.max(0, seen - AHEAD);
		const last = Math.min(this.count, end + AHEAD);
		const free = [];
		const active = document.activeElement;
		// Where no row has the focus, one in sight is in the tab order.
		if (!active.matches('.item')) this.active = Math.max(seen, Math.min(this.active, last - 1));
		for (const [index, row] of this.#rows) {
			if (index >= first && index < last) continue;
			if (row === active && index < this.count) continue;
			free.push(row);
			this.#rows.delete(index);
		}
		for (let index = first; index < last; index += 1) {
			if (!this.#rows.has(index)) this.#rows.set(index, free.pop() ?? this.#newRow());
		}
		free.forEach((row) => row.remove());
		for (const [index, row] of this.#rows) {
			const y = Math.round(index * rowHeight - from + top);
			if (row.y !== y) row.style.transform = `translateY(${row.y = y}px)`;
			this.#label(row, index);
			this.fill(row, index);
		}
		this.onSight(seen, Math.min(this.count, end));
	}

	#newRow() {
		const cells = this.columns.map(({ key }) => h('div', { role: 'gridcell', class: `cell c-${key}` }));
		const row = h('div.row.item', { role: 'row', tabindex: '-1' }, cells);
		this.box.append(row);
		return row;
	}

	#label(row, index) {
		if (row.dataset.index !== String(index)) {
			row.dataset.index = index;
			row.setAttribute('aria-rowindex', index + 2);
		}
		const tabIndex = index === this.active ? 0 : -1;
		if (row.tabIndex !== tabIndex) row.tabIndex = tabIndex;
	}

	#activate(index) {
		this.active = index;
		for (const [of, row] of this.#rows) row.tabIndex = of === index ? 0 : -1;
	}

	// Moves the focus to a row, and the row into sight.
	focus(index) {
		if (this.count === 0) return;
		const target = Math.max(0, Math.min(index, this.count - 1));
		const { rowHeight, inSight, stretch, top } = this.#measure();
		const from = top * stretch;
		if (target * rowHeight < from) this.body.scrollTop = (target * rowHeight) / stretch;
		else if ((target + 1) * rowHeight > from + inSight) this.body.scrollTop = ((target + 1) * rowHeight - inSight) / stretch;
		this.active = target;
		this.#draw();
		this.#rows.get(target)?.focus({ preventScroll: true });
	}

	#key(event) {
		const row = event.target.closest('.item');
		if (!row || event.altKey) return;
		const index = Number(row.dataset.index);
		const { rowHeight, inSight } = this;
		const page = Math.max(1, Math.floor(inSight / rowHeight) - 1);
		const acts = { ' ': this.onToggle, Enter: this.onOpen };
		const moves = { ArrowDown: index + 1, ArrowUp: index - 1, PageDown: index + page, PageUp: index - page, Home: 0, End: this.count - 1 };
		if (event.key in acts) acts[event.key](index);
		else if (event.key in moves) {
			this.focus(moves[event.key]);
			if (event.shiftKey) this.onToggle(this.active, index);
		} else return this.onKey(event);
		event.preventDefault();
	}

	#click(event) {
		const row = event.target.closest('.item');
		if (!row || event.target.closest('a, button')) return;
		const index = Number(row.dataset.index);
		const before = this.active;
		this.#activate(index);
		row.focus({ preventScroll: true });
		if (event.target.closest('.c-select') || event.shiftKey || event.ctrlKey || event.metaKey) this.onToggle(index, event.shiftKey ? before : undefined);
		else this.onOpen(index);
	}
}
