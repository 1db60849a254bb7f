// What several parts of the page share, and who is told when it changes.

const bus = new EventTarget();

// Calls `listener` with each detail that is emitted under a name.
export const on = (name, listener) => bus.addEventListener(name, ({ detail }) => listener(detail));
export const emit = (name, detail) => bus.dispatchEvent(new CustomEvent(name, { detail }));

export let providers = [];
export const jobs = new Map();

export function setProviders(value) {
	providers = value;
	emit('providers');
}

export function setJobs(list) {
	for (const job of list) jobs.set(job.id, job);
	emit('jobs');
}

export const currency = () => providers[0]?.currency ?? '';

export const providerName = (id) => providers.find((provider) => provider.id === id)?.name ?? id;
// The first word of a name, for chips.
export const providerShort = (id) => providerName(id).split(/[\s_]/)[0];
