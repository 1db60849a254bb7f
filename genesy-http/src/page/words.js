// Names of states and numbers in words, and how they look: a tone has a sign, so that no meaning hangs on
// colour alone.

export const SIGNS = { good: '✓', bad: '✕', warn: '!', busy: '●', off: '–', wait: '○' };

// Outcomes of a search: short, what it means, tone, and whether it can be tried again.
export const OUTCOMES = {
	found: ['Found', 'A provider had a number.', 'good'],
	no_data_found: ['No data found', 'Everyone who could be asked answered, and nobody has a number.', 'off'],
	inconclusive: ['Inconclusive, retry', 'Nobody had a number, but somebody could not be asked: try again.', 'warn', true],
	not_eligible: ['Not eligible', 'No provider could be asked: see why each was skipped.', 'off'],
	cancelled: ['Cancelled', 'It was stopped before it ended.', 'off', true],
	failed: ['Failed', 'The server broke down: try again, and look into its log.', 'bad', true],
};

export const VERDICTS = {
	deliverable: ['Deliverable', 'The mail server takes mail for this address.', 'good'],
	undeliverable: ['Undeliverable', 'Mail to this address would come back.', 'bad'],
	risky: ['Risky', 'Mail may be taken and not read, or the server takes any address.', 'warn'],
	unknown: ['Unknown', 'It could not be found out: trying again later may help.', 'off', true],
	failed: OUTCOMES.failed,
	cancelled: OUTCOMES.cancelled,
};

export const outcomeWords = (name) => OUTCOMES[name]?.[0] ?? VERDICTS[name]?.[0] ?? sentence(name);

export const STEPS = { waiting: 'wait', calling: 'busy', retry: 'warn', failed: 'bad', rejected: 'warn', found: 'good' };

// What a lead has, in the order in which it is shown.
export const FIELDS = ['first_name', 'last_name', 'email', 'phone', 'job_title', 'country', 'company_name', 'company_domain', 'linkedin_url', 'years_in_role'];
const FIELD_WORDS = { email: 'E-mail', company_name: 'Company', company_domain: 'Company website', linkedin_url: 'LinkedIn' };
export const fieldWords = (name) => FIELD_WORDS[name] ?? sentence(name);

export const CONSEQUENCES = {
	imported: ['Imported as they are', 'good'],
	imported_with_cells_emptied: ['Imported, with cells that could not be used left empty', 'warn'],
	duplicates: ['Duplicates, skipped', 'off'],
	rejected: ['Rejected: too little to act on', 'bad'],
	blank: ['Blank rows', 'off'],
	outside_table: ['Outside the table', 'off'],
};

export const IMPORTS = {
	uploading: ['Uploading', 'busy'], ready: ['Ready to import', 'wait'], importing: ['Importing', 'busy'],
	imported: ['Imported', 'good'], failed: ['Failed', 'bad'], undoing: ['Being undone', 'busy'], undone: ['Undone', 'off'],
};

export const JOBS = { running: ['Running', 'busy'], paused: ['Paused', 'warn'], done: ['Done', 'good'], cancelled: ['Cancelled', 'off'] };

export const KINDS = { phone: 'Phone search', email: 'E-mail verification' };

// `no_data_found` → `No data found`.
export const sentence = (name) => {
	const words = String(name ?? '').replaceAll('_', ' ');
	return words.charAt(0).toUpperCase() + words.slice(1);
};

const whole = new Intl.NumberFormat('en');
export const count = (number) => whole.format(number ?? 0);
export const counted = (number, one, many = `${one}s`) => `${count(number)} ${number === 1 ? one : many}`;
export const percent = (share) => (share == null ? '–' : `${Math.round(share * 100)} %`);

// Millionths of a currency, with as many digits as matter.
export function money(micros, currency = '') {
	const units = (micros ?? 0) / 1e6;
	return `${units.toFixed(units !== 0 && units < 1 ? 3 : 2)} ${currency}`.trim();
}

// What was charged, and what may have been, for calls without an answer.
export const spent = ({ charged_micros, maybe_charged_micros }, currency) =>
	`${money(charged_micros, currency)}${maybe_charged_micros ? `, perhaps ${money(maybe_charged_micros, currency)} more` : ''}`;

export function span(seconds) {
	if (seconds == null) return '–';
	if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
	if (seconds < 90) return `${Math.round(seconds)} s`;
	if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
	if (seconds < 48 * 3600) return `${(seconds / 3600).toFixed(1)} h`;
	return `${Math.round(seconds / 86400)} days`;
}

// How much later it is at the server, where clocks differ by more than an answer takes.
let offset_ms = 0;
export const setClock = (date) => (offset_ms = Math.abs(date - Date.now()) > 3000 ? date - Date.now() : 0);
export const now = () => Date.now() + offset_ms;

export const ago = (time) => {
	const seconds = (now() - Date.parse(time)) / 1000;
	return seconds < 5 ? 'just now' : `${span(seconds)} ago`;
};

export const clock = (time) => new Date(time).toLocaleTimeString([], { hour12: false });
export const dateTime = (time) => new Date(time).toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' });

export const size = (bytes) => {
	if (bytes < 1024) return `${bytes} bytes`;
	return bytes < 1024 * 1024 ? `${Math.round(bytes / 1024)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
};

export const personName = (lead) => [lead.first_name, lead.last_name].filter(Boolean).join(' ');
// What a lead is called where it may lack a name.
export const leadTitle = (lead) => personName(lead) || lead.email || lead.company_name || `Lead ${lead.id}`;
export const countryWords = (country) => (country ? `${country.code} ${country.name}` : '');
