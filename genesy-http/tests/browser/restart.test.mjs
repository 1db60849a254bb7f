// The server dies in the midst of a run, and comes back.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { importText, manyLeads, open, outcome, row, screenshot, setUp } from './browser.mjs';

const LEADS = 400;
const RUN_MS_MAX = 240_000;
const world = setUp();

test('the page says that it is not live, comes back by itself, and misses nothing', async () => {
  const { server } = world;
  await importText(server, 'many.csv', manyLeads(LEADS));
  const { page, finish } = await open(world, { hash: '#leads', expected: /ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE/ });
  await row(page, 0).waitFor();
  await page.getByRole('button', { name: /^Select all/ }).click();
  await page.getByRole('button', { name: 'Find phone' }).click();
  await page.getByRole('dialog').getByRole('button', { name: /^Start for/ }).click();
  await outcome(page.locator('.item'), 'Found').first().waitFor();

  await server.kill();
  await page.getByText('Not live: the server does not answer').waitFor();
  await screenshot(page, 'not-live');
  await server.run();
  await page.locator('#live[data-state=live]').waitFor();
  await page.locator('#bar').getByText('Done').waitFor({ timeout: RUN_MS_MAX });

  const { items: [job] } = await server.get('jobs');
  const ended = Object.values(job.counts.by_outcome).reduce((sum, one) => sum + one, 0);
  assert.equal(ended, LEADS);
  // What is seen agrees with what is stored, row by row.
  const { items } = await server.get(`leads?limit=20`);
  const words = { found: 'Found', no_data_found: 'No data found', inconclusive: 'Inconclusive, retry' };
  for (const [index, lead] of items.slice(0, 12).entries()) {
    await outcome(row(page, index), words[lead.phone_search.outcome]).waitFor();
  }
  await screenshot(page, 'after-restart');
  await finish();
});
