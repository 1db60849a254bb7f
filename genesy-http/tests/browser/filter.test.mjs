// A filter, and what is done with all that match it: what is shown is what is acted on.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { importText, manyLeads, open, setUp } from './browser.mjs';

const world = setUp();

test('an import that is not listed any more stays what is filtered by', async () => {
  const { server } = world;
  await importText(server, 'kept.csv', manyLeads(5, 'kept'));
  await importText(server, 'undone.csv', manyLeads(3, 'undone'));
  await importText(server, 'old.csv', manyLeads(2, 'old'));
  const { page, finish } = await open(world, { hash: '#leads' });
  const chosen = page.getByRole('combobox', { name: 'Import' });

  await chosen.selectOption('undone.csv');
  await page.getByText('3 leads match').waitFor();
  const { items } = await server.get('imports');
  await server.send('POST', `imports/${items.find(({ file_name: name }) => name === 'undone.csv').id}/undo`);
  await page.getByText('No lead matches this filter.').waitFor();
  await chosen.locator('option', { hasText: 'undone.csv' }).waitFor({ state: 'attached' });
  await page.getByRole('button', { name: 'Clear the filter' }).click();
  await page.getByText('7 leads', { exact: true }).waitFor();

  await chosen.selectOption('old.csv');
  await page.getByText('2 leads match').waitFor();
  // As if a hundred others had come behind it.
  await page.route('**/v1/imports?*', (route) => route.fulfill({ json: { items: [] } }));
  await importText(server, 'new.csv', manyLeads(1, 'new'));
  await chosen.locator('option', { hasText: 'kept.csv' }).waitFor({ state: 'detached' });
  assert.equal(await chosen.evaluate((select) => select.selectedOptions[0]?.textContent), 'old.csv');
  await page.getByRole('button', { name: 'Select all 2 that match' }).click();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await page.getByRole('button', { name: 'Delete 2' }).click();
  await page.getByText('2 leads deleted.').waitFor();
  assert.equal((await server.get('leads/count')).count, 6);
  await finish();
});
