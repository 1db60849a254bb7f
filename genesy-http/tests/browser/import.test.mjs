// A file that is ugly on purpose: what was understood, changing it, importing it, and taking it back.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { open, PHONE, rowOf, screenshot, setUp } from './browser.mjs';

const world = setUp();

test('the sample is understood, can be read otherwise, and becomes leads', async () => {
  const { page, finish } = await open(world, { expected: /status of 422/ });
  await page.getByText('simulated').first().waitFor();
  await screenshot(page, 'import-empty');
  await page.getByRole('button', { name: 'Try the sample file' }).click();
  const commit = page.getByRole('button', { name: /^Import \d/ });
  await commit.waitFor();
  assert.equal(await page.getByLabel('Encoding').inputValue(), 'windows-1252');
  assert.equal(await page.getByLabel('Delimiter').inputValue(), ';');
  assert.equal(await page.getByLabel('What Correo electrónico is').inputValue(), 'email');
  await page.getByText('kept beside it: Notas').waitFor();
  await screenshot(page, 'import-preview');
  const before = await commit.textContent();

  await page.getByLabel('Delimiter').selectOption(',');
  await page.getByText('No row would become a lead').waitFor();
  assert.equal(await page.getByRole('button', { name: /^Import / }).getAttribute('aria-disabled'), 'true');
  await page.getByLabel('Delimiter').selectOption(';');
  await page.getByLabel('What Notas is').waitFor();
  await page.getByLabel('What Cargo is').selectOption('extra');
  await page.getByText(/kept beside it: Cargo, Notas/).waitFor();
  await page.getByLabel('What Cargo is').selectOption('job_title');
  await page.getByText('kept beside it: Notas').waitFor();
  await page.getByLabel('Country of leads without one').fill('ZZ');
  await page.getByLabel('Country of leads without one').press('Tab');
  await page.locator('.notice.trouble').waitFor();
  await page.getByLabel('Country of leads without one').fill('es');
  await page.getByLabel('Country of leads without one').press('Tab');
  await page.locator('#import-current [aria-busy=true]').waitFor({ state: 'detached' });
  assert.equal(await commit.textContent(), before);
  await page.getByText(/issues found$/).click();
  await page.getByRole('region', { name: 'Issues' }).getByText('Email invalid').waitFor();
  await screenshot(page, 'import-issues');

  await commit.click();
  await page.getByRole('button', { name: 'Show these leads' }).waitFor();
  await page.locator('#import-current .counts .warn').waitFor();
  await screenshot(page, 'import-done');
  const downloading = page.waitForEvent('download');
  await page.getByRole('button', { name: /rejected row/ }).click();
  assert.match(await readFile(await (await downloading).path(), 'utf8'), /Casimir/);

  await page.getByRole('button', { name: 'Show these leads' }).click();
  await rowOf(page, 'Odile Larkin').waitFor();
  // The sample has a script for a company: it is shown as it was written.
  await rowOf(page, 'Elio Wren').getByText('<script>alert(1)</script>').waitFor();
  await screenshot(page, 'leads');
  await finish();
});

test('an import can be undone', async () => {
  const { page, finish } = await open(world);
  await page.getByRole('button', { name: 'Look at sample-leads.csv' }).first().click();
  await page.getByRole('button', { name: 'Undo this import' }).click();
  await page.getByRole('button', { name: 'Undo', exact: true }).click();
  await page.locator('#import-list').getByText('Undone').waitFor();
  assert.equal((await world.server.get('leads/count')).count, 0);
  await page.getByRole('link', { name: 'Leads' }).click();
  await page.getByText('No leads yet.').waitFor();
  await screenshot(page, 'leads-empty');
  await finish();
});

test('an import waits for a change of how the file is read', async () => {
  const { page, finish } = await open(world);
  const sent = [];
  page.on('request', (request) => /\/(options|commit)$/.test(request.url()) && sent.push(request.url().match(/\w+$/)[0]));
  let answer;
  await page.route('**/options', (route) => (answer = () => route.continue()));
  await page.getByLabel('pick one').setInputFiles({ name: 'slow.csv', mimeType: 'text/csv', buffer: Buffer.from('name,email,years\nAda Quill,ada@quill.example,2\n') });
  await page.getByLabel('What name is').selectOption('extra');
  await page.getByRole('button', { name: 'Import 1 lead' }).click();
  await page.locator('button[aria-busy]', { hasText: 'Import 1 lead' }).waitFor();
  assert.deepEqual(sent, ['options']);
  answer();
  await page.getByRole('button', { name: 'Show these leads' }).click();
  await rowOf(page, 'ada@quill.example').waitFor();
  assert.deepEqual(sent, ['options', 'commit']);
  assert.equal(await rowOf(page, 'Ada Quill').count(), 0);
  await finish();
});

test('a post whose answer was lost is sent again, and waited for while it is under way', async () => {
  const { page, finish } = await open(world, { expected: /ERR_FAILED|status of 409/ });
  const answers = [
    (route) => route.abort(),
    (route) => route.fulfill({ status: 409, headers: { 'retry-after': '1' }, json: { title: 'The same request is under way' } }),
    (route) => route.continue(),
  ];
  const keys = new Set();
  await page.route('**/commit', (route) => {
    keys.add(route.request().headers()['idempotency-key']);
    return answers.shift()(route);
  });
  await page.getByLabel('pick one').setInputFiles({ name: 'lost.csv', mimeType: 'text/csv', buffer: Buffer.from('name,email\nBob Quill,bob@quill.example\n') });
  await page.getByRole('button', { name: 'Import 1 lead' }).click();
  await page.getByRole('button', { name: 'Show these leads' }).waitFor();
  assert.equal(keys.size, 1);
  assert.equal(answers.length, 0);
  assert.equal(await page.locator('.notice.trouble').count(), 0);
  await finish();
});

test('a file can be dropped, and discarded', async () => {
  const { page, finish } = await open(world, { viewport: PHONE, colorScheme: 'dark' });
  const data = await page.evaluateHandle(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(['name,email\nAda Quill,ada@quill.example\n'], 'dropped.csv', { type: 'text/csv' }));
    return transfer;
  });
  await page.dispatchEvent('.drop', 'drop', { dataTransfer: data });
  await page.getByRole('button', { name: 'Import 1 lead' }).waitFor();
  await screenshot(page, 'import-phone-dark');
  await page.getByRole('button', { name: 'Discard' }).click();
  await page.locator('#import-current').getByText('dropped.csv').waitFor({ state: 'detached' });
  await finish();
});

test('what is no table is refused with what to do', async () => {
  const { page, finish } = await open(world, { expected: /status of 4\d\d/ });
  await page.getByLabel('pick one').setInputFiles({ name: 'picture.png', mimeType: 'image/png', buffer: Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1') });
  const notice = page.locator('.notice.trouble');
  await notice.waitFor();
  assert.ok((await notice.textContent()).length > 30);
  await finish();
});
