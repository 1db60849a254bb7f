// The leads that match a filter, as a list whose rows are read in blocks when they come in sight.

import { ask } from './api.js';

export const BLOCK = 100;
// Blocks that are kept: those that were not looked at for longest are dropped.
const BLOCKS_MAX = 40;
// Leads beyond this are reached by a filter alone.
export const ROWS_MAX = 1_000_000;
// A list that is scrolled fast asks for nothing until it rests this long.
const REST_MS = 60;

export class Rows {
	#blocks = new Map();
	#reads = new Map();
	#timer;
	#wanted;
	#refreshed = 0;
	#query = {};
	#generation = 0;

	count = 0;
	// What was counted by.
	filter;

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
		this.onChange();
		await this.#readCount();
	}

	// Reads again what is in sight, and shows what is there until it comes.
	async refresh() {
		this.#refreshed += 1;
		this.#blocks.forEach((block) => (block.isStale = true));
		await this.#readCount();
	}

	async #readCount() {
		const generation = this.#generation;
		const { filter } = this.#query;
		try {
			const { count } = await ask('leads/count', filter);
			if (generation !== this.#generation) return;
			Object.assign(this, { count, filter });
			this.onChange();
		} catch (error) {
			this.onError(error);
		}
	}

	get isCounted() {
		return this.filter === this.#query?.filter;
	}

	get length() {
		return Math.min(this.count, ROWS_MAX);
	}

	at(index) {
		return this.#blocks.get(Math.floor(index / BLOCK))?.leads[index % BLOCK];
	}

	// The lead with an id and its row, if it is there.
	find(id) {
		for (const [number, { leads }] of this.#blocks) {
			const place = leads.findIndex((lead) => lead.id === id);
			if (place >= 0) return { lead: leads[place], index: number * BLOCK + place };
		}
		return undefined;
	}

	// Puts a newer reading of a lead in its place.
	replace(lead) {
		const index = this.find(lead.id)?.index;
		if (index !== undefined) this.#blocks.get(Math.floor(index / BLOCK)).leads[index % BLOCK] = lead;
	}

	want(first, last) {
		const numbers = [];
		for (let number = Math.floor(first / BLOCK); number <= Math.floor(Math.max(first, last - 1) / BLOCK); number += 1) {
			numbers.push(number);
			const block = this.#blocks.get(number);
			if (block && this.#blocks.delete(number)) this.#blocks.set(number, block);
		}
		const lacks = (number) => !this.#reads.has(number) && (this.#blocks.get(number)?.isStale ?? true);
		const read = () => {
			this.#timer = undefined;
			numbers.filter(lacks).forEach((number) => this.#read(number));
		};
		// Drawn again at the same place, it goes on resting.
		if (this.#timer && numbers.join() === this.#wanted) return;
		this.#wanted = numbers.join();
		clearTimeout(this.#timer);
		this.#timer = undefined;
		if (this.length === 0 || !numbers.some(lacks)) return;
		if (this.#blocks.size === 0 && this.#reads.size === 0) read();
		else this.#timer = setTimeout(read, REST_MS);
	}

	// The ids of leads from one to another, also of those that were not in sight.
	async ids(first, last) {
		const ids = [];
		for (let index = first; index <= last; index += 1) {
			if (!this.at(index)) await this.#read(Math.floor(index / BLOCK));
			if (this.at(index)) ids.push(this.at(index).id);
		}
		return ids;
	}

	async #read(number) {
		const controller = new AbortController();
		this.#reads.set(number, controller);
		const refreshed = this.#refreshed;
		try {
			const { items } = await ask('leads/search', { ...this.#query, offset: number * BLOCK, limit: BLOCK }, controller.signal);
			if (controller.signal.aborted) return;
			this.#blocks.set(number, { leads: items, isStale: refreshed !== this.#refreshed });
			while (this.#blocks.size > BLOCKS_MAX) this.#blocks.delete(this.#blocks.keys().next().value);
			this.onChange();
		} catch (error) {
			if (error.name !== 'AbortError') this.onError(error);
		} finally {
			if (this.#reads.get(number) === controller) this.#reads.delete(number);
		}
	}
}
