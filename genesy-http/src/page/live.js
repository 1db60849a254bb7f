// The events of the server, by a stream that comes back by itself.

import { url } from './api.js';

const RETRY_MS = 1000;

/**
 * Watches for ever. `onEvents` gets each batch, `onState` gets `live` or `lost`, and `onGap` is called when
 * events may have been missed, so that all is to be read again.
 */
export function watch({ onEvents, onState, onGap }) {
	let lastId;
	const connect = () => {
		const source = new EventSource(url('events', { after: lastId }));
		source.onopen = () => {
			onState('live');
			// What came before the first event is not replayed.
			if (lastId === undefined) onGap();
		};
		source.addEventListener('events', ({ data, lastEventId }) => {
			lastId = lastEventId;
			onEvents(JSON.parse(data));
		});
		source.addEventListener('reset', onGap);
		// The browser gives up for good on some answers, as of a server that is full. This page does not.
		source.onerror = () => {
			source.close();
			onState('lost');
			setTimeout(connect, RETRY_MS);
		};
	};
	connect();
}
