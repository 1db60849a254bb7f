// The events of the server, by a stream that comes back by itself.

import { url } from './api.js';

const RETRY_MS = 1000;

// Watches for ever. `onEvents` gets each batch, `onState` gets `live` or `lost`, and `onGap` is called when
// events may have been missed, so that all is to be read again.
export function watch({ onEvents, onState, onGap }) {
	let lastId;
	let source;
	const close = () => (source = source?.close());
	// A browser has six connections to a server: tabs that nobody looks at take none.
	document.addEventListener('visibilitychange', () => (document.hidden ? close() : connect()));
	const connect = () => {
		if (source || document.hidden) return;
		source = new EventSource(url('events', { after: lastId }));
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
		// Browsers give up on some answers, as of a full server.
		source.onerror = () => {
			close();
			onState('lost');
			setTimeout(connect, RETRY_MS);
		};
	};
	connect();
}
