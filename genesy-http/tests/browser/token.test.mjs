// A server that wants a token: the page asks for it, and what it is given is enough for all that it does.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { importSample, open, screenshot, setUp } from './browser.mjs';

const TOKEN = '0123456789abcdef0123456789abcdef';
const world = setUp({ GENESY_TOKEN: TOKEN });
const expected = /status of 401/;

async function enter(page, token) {
  await page.getByRole('dialog').getByLabel('Token').fill(token);
  await page.keyboard.press('Enter');
}

test('the token is asked for, until it is the right one', async () => {
  const { page, finish } = await open(world, { expected, isLive: false });
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Token').fill('another one, but as long');
  await page.keyboard.press('Enter');
  await dialog.getByText('That was not it').waitFor();
  assert.equal(await dialog.getByLabel('Token').getAttribute('type'), 'password');
  await screenshot(page, 'token');
  await dialog.getByLabel('Token').fill(TOKEN);
  await page.keyboard.press('Enter');
  await page.locator('#live[data-state=live]').waitFor();
  await importSample(page);
  const downloading = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export those that match' }).click();
  assert.equal((await downloading).suggestedFilename(), 'leads.csv');
  // No script can read what stands for the token, and a reload does not ask again.
  assert.equal(await page.evaluate(() => document.cookie), '');
  await page.reload();
  await page.locator('#live[data-state=live]').waitFor();
  assert.equal(await dialog.count(), 0);
  await finish();
});

test('who has no token is asked once', async () => {
  const { page, finish } = await open(world, { expected, isLive: false });
  await page.getByRole('dialog').getByRole('button', { name: 'Not now' }).click();
  await page.locator('.notice.trouble', { hasText: 'token' }).waitFor();
  await page.getByText('Not live').first().waitFor();
  assert.equal(await page.getByRole('dialog').count(), 0);
  await finish();
});

test('entering the token confirms nothing else', async () => {
  const { page, finish } = await open(world, { expected, hash: '#leads', isLive: false });
  await enter(page, TOKEN);
  await page.locator('#live[data-state=live]').waitFor();
  const { count } = await world.server.get('leads/count');
  assert.ok(count > 0);
  await page.getByRole('button', { name: /^Select all/ }).click();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  const confirm = page.getByRole('button', { name: /^Delete \d/ });
  await confirm.waitFor();
  // What changes elsewhere is read behind the dialog, and the session has ended.
  await page.route('**/v1/leads/count', (route) => route.fulfill({ status: 401 }), { times: 1 });
  await world.server.send('PATCH', 'leads/1', JSON.stringify({ job_title: 'Changed elsewhere' }), 'application/merge-patch+json');
  await enter(page, TOKEN);
  await page.locator('#asked').waitFor({ state: 'hidden' });
  assert.ok(await confirm.isVisible());
  await page.getByRole('button', { name: 'Not now' }).click();
  await confirm.waitFor({ state: 'detached' });
  assert.equal((await world.server.get('leads/count')).count, count);
  await finish();
});

test('a token that could not be sent is asked for again', async () => {
  const { page, finish } = await open(world, { expected: /status of 401|ERR_FAILED/, hash: '#import', isLive: false });
  const pick = () => page.locator('#file').setInputFiles({ name: 'late.csv', mimeType: 'text/csv', buffer: Buffer.from('Email\nada@engines.example\n') });
  await page.route('**/v1/session', (route) => route.abort());
  await enter(page, TOKEN);
  await page.locator('.notice.trouble', { hasText: 'does not answer' }).waitFor();
  await pick();
  await enter(page, TOKEN);
  await page.getByText('Uploading late.csv').waitFor({ state: 'detached' });
  await page.unroute('**/v1/session');
  await pick();
  await enter(page, TOKEN);
  await page.getByText('late.csv is uploaded').waitFor();
  await finish();
});

test('a file that is sent behind a restart with another token is uploaded with that', async () => {
  const refused = /status of 401|ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE/;
  const { page, finish } = await open(world, { expected: refused, hash: '#import', isLive: false });
  await enter(page, TOKEN);
  await page.locator('#live[data-state=live]').waitFor();
  await world.server.kill();
  const other = TOKEN.replace('0', 'f');
  world.server.environment = { GENESY_TOKEN: other };
  await world.server.run();
  await page.locator('#file').setInputFiles({ name: 'one.csv', mimeType: 'text/csv', buffer: Buffer.from('Email\nada@engines.example\n') });
  await enter(page, other);
  await page.getByText('one.csv is uploaded').waitFor();
  await page.locator('#live[data-state=live]').waitFor();
  await finish();
});
