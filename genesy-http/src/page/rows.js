// The leads that match a filter, as a list whose rows are read in blocks when they come in sight.

import { get } from './api.js';

export const BLOCK = 100;
/** Blocks that are kept: those that were not looked at for longest are dropped. */
const BLOCKS_MAX = 40;
/** Leads beyond this cannot be reached by scrolling, only by a filter. */
export const ROWS_MAX = 1_000_000;
/** A list that is scrolled fast asks for nothing until it rests this long. */
const REST_MS = 60;

export class Rows {
	#blocks = new Map();
	#reads = new Map();
	#timer;
	#query = {};
	#generation = 0;

	count = 0;
	isExact = true;
	/** Whether the count was read. */
	isKnown = false;

	constructor(onChange, onError) {
		this.onChange = onChange;
		this.onError = onError;
	}

	async show(query) {
		this.#query = query;
		this.#generation += 1;
		this.#reads.forEach((controller) => controller.abort());
		this.#reads.clear();
		this.#blocks.clear();
		await this.#readCount();
	}

	/** Reads again what is in sight, and shows what is there until it comes. */
	async refresh() {
		this.#blocks.forEach((block) => (block.isStale = true));
		await this.#readCount();
	}

	async #readCount() {
		const generation = this.#generation;
		const { sort, order, ...filter } = this.#query;
		try {
			const { count, is_exact } = await get('leads/count', filter);
			if (generation !== this.#generation) return;
			Object.assign(this, { count, isExact: is_exact, isKnown: true });
			this.onChange();
		} catch (error) {
			this.onError(error);
		}
	}

	get length() {
		return Math.min(this.count, ROWS_MAX);
	}

	at(index) {
		return this.#blocks.get(Math.floor(index / BLOCK))?.leads[index % BLOCK];
	}

	/** The lead with an id and its row, if it is there. */
	find(id) {
		for (const [number, { leads }] of this.#blocks) {
			const place = leads.findIndex((lead) => lead.id === id);
			if (place >= 0) return { lead: leads[place], index: number * BLOCK + place };
		}
		return undefined;
	}

	/** Puts a newer reading of a lead in its place. */
	replace(lead) {
		const index = this.find(lead.id)?.index;
		if (index !== undefined) this.#blocks.get(Math.floor(index / BLOCK)).leads[index % BLOCK] = lead;
	}

	want(first, last) {
		const missing = [];
		for (let number = Math.floor(first / BLOCK); number <= Math.floor(Math.max(first, last - 1) / BLOCK); number += 1) {
			const block = this.#blocks.get(number);
			if (block) {
				this.#blocks.delete(number);
				this.#blocks.set(number, block);
			}
			if ((!block || block.isStale) && !this.#reads.has(number)) missing.push(number);
		}
		clearTimeout(this.#timer);
		if (missing.length === 0 || this.length === 0) return;
		const isFirst = this.#blocks.size === 0 && this.#reads.size === 0;
		const read = () => missing.forEach((number) => this.#read(number));
		if (isFirst) read();
		else this.#timer = setTimeout(read, REST_MS);
	}

	async #read(number) {
		const controller = new AbortController();
		this.#reads.set(number, controller);
		try {
			const query = { ...this.#query, offset: number * BLOCK, limit: BLOCK };
			const { items } = await get('leads', query, controller.signal);
			if (controller.signal.aborted) return;
			this.#blocks.set(number, { leads: items, isStale: false });
			while (this.#blocks.size > BLOCKS_MAX) this.#blocks.delete(this.#blocks.keys().next().value);
			this.onChange();
		} catch (error) {
			if (error.name !== 'AbortError') this.onError(error);
		} finally {
			if (this.#reads.get(number) === controller) this.#reads.delete(number);
		}
	}
}
