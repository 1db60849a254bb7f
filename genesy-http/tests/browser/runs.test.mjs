// Runs, watched until each outcome.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { importSample, importText, manyLeads, open, outcome, PHONE, row, rowOf, screenshot, setUp } from './browser.mjs';

const RUN_MS_MAX = 240_000;
const world = setUp();

/** Begins a run for all that match, by clicks. */
async function begin(page, action) {
  await page.getByRole('button', { name: /^Select all/ }).click();
  await page.getByRole('button', { name: action }).click();
  await page.getByRole('dialog').getByRole('button', { name: /^Start for/ }).click();
  await page.locator('#dialog').waitFor({ state: 'hidden' });
}

test('a search is forecast, watched live, and ends in each way', async () => {
  const { page, finish } = await open(world);
  await importSample(page);
  // More of them, so that the run is still under way when a slow page looks at it.
  await importText(world.server, 'others.csv', manyLeads(2000, 'other'));
  await page.locator('[name=import]').selectOption('');
  await page.locator('#leads-count', { hasText: /^2,\d\d\d leads/ }).waitFor();
  await page.getByRole('button', { name: 'Find phone' }).click({ force: true });
  await page.getByText('Select leads first').waitFor();
  await page.getByRole('button', { name: /^Select all/ }).click();
  await page.getByRole('button', { name: 'Find phone' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('term').getByText('Cost').waitFor();
  await screenshot(page, 'forecast');
  await dialog.getByRole('button', { name: /^Start for/ }).click();
  await page.locator('.item .chip', { hasText: /: calling 1 of \d/ }).first().waitFor();
  await page.locator('#bar').getByText('Running').waitFor();
  await screenshot(page, 'run-live');

  // A reload in the midst of it shows the same, read from the server.
  const { items: [job] } = await world.server.get('jobs');
  assert.equal((await world.server.send('POST', `jobs/${job.id}/pause`)).state, 'paused');
  await page.reload();
  await page.locator('#live[data-state=live]').waitFor();
  await page.locator('#bar').getByText('Paused').waitFor();
  await page.locator('.item .chip', { hasText: /: (calling|miss|found|retry)/ }).first().waitFor();

  await rowOf(page, 'Bram Estrada').click();
  await page.locator('#drawer .timeline li').first().waitFor();
  await screenshot(page, 'drawer-live');
  await page.keyboard.press('Escape');

  await page.locator('#bar').getByRole('button', { name: 'Resume' }).click();
  await outcome(rowOf(page, 'Odile Larkin'), 'Found').waitFor();
  await outcome(rowOf(page, 'Odile Quimby'), 'No data found').waitFor();
  await outcome(rowOf(page, 'Bram Estrada'), 'Inconclusive, retry').waitFor();
  assert.ok((await world.server.get(`jobs/${job.id}`)).counts.by_outcome.found > 0);
  await rowOf(page, 'Odile Larkin').locator('.c-phone', { hasText: /\+\d{6,}.*(Orion|Astra|Nimbus), / }).waitFor();
  await screenshot(page, 'run-done');
  await rowOf(page, 'Bram Estrada').click();
  await page.locator('#drawer').getByText('somebody could not be asked').waitFor();
  await page.locator('#drawer .timeline li').nth(2).waitFor();
  await screenshot(page, 'drawer-inconclusive');
  await page.keyboard.press('Escape');

  // On a slow machine it may have come to its end before.
  await world.server.send('POST', `jobs/${job.id}/cancel`).catch(() => {});
  await page.locator('#bar').getByRole('button', { name: /^Retry the [\d,]+ that failed/ }).click();
  await page.locator('#bar').getByText('Running').waitFor();
  await finish();
});

test('who lacks what every provider asks for is not eligible', async () => {
  const { page, finish } = await open(world, { hash: '#leads' });
  await rowOf(page, 'Fabián Ferrant').waitFor();
  await outcome(rowOf(page, 'Fabián Ferrant'), 'Not eligible').waitFor();
  await finish();
});

test('a verification shows its stage and time, and ends with a verdict in words', async () => {
  const { page, finish } = await open(world, { hash: '#leads' });
  await row(page, 0).waitFor();
  await begin(page, 'Verify e-mail');
  await page.locator('.item .c-verdict', { hasText: /Checking.* left/ }).first().waitFor();
  await screenshot(page, 'verification-live');
  await page.locator('.item .c-verdict', { hasText: /Deliverable|Undeliverable|Risky|Unknown/ }).first().waitFor({ timeout: RUN_MS_MAX });
  await screenshot(page, 'verification-done');
  await finish();
});

test('a run can be paused, resumed and cancelled', async () => {
  await importText(world.server, 'many.csv', manyLeads(3000));
  const { page, finish } = await open(world, { hash: '#leads', viewport: PHONE, colorScheme: 'dark' });
  await page.locator('[name=import]').selectOption({ label: 'many.csv' });
  await row(page, 0).waitFor();
  await begin(page, 'Find phone');
  const bar = page.locator('#bar .job', { hasText: 'of 3,000' });
  // Figures that change while a button is pressed do not replace it.
  await bar.getByRole('button', { name: 'Pause' }).hover();
  await page.mouse.down();
  const figures = await bar.locator('.numbers').textContent();
  await bar.locator('.numbers', { hasNotText: figures }).waitFor();
  await page.mouse.up();
  await bar.getByText('Paused').waitFor();
  await screenshot(page, 'run-phone-dark');
  await bar.getByRole('button', { name: 'Resume' }).click();
  await bar.getByText('Running').waitFor();
  await bar.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel the run' }).click();
  await bar.getByText('Cancelled').first().waitFor();
  await page.locator('[name=phone]').selectOption({ label: 'Cancelled' });
  await outcome(row(page, 0), 'Cancelled').waitFor();
  await page.getByRole('link', { name: 'Runs' }).click();
  await screenshot(page, 'runs-phone-dark');
  await finish();
});

test('providers show their order, health and figures', async () => {
  const { page, finish } = await open(world, { hash: '#providers' });
  await page.getByRole('cell', { name: 'Orion Connect' }).waitFor();
  await page.getByText(/\d+ % of \d+/).first().waitFor();
  await screenshot(page, 'providers');
  await finish();
});

test('what is told of a search from its midst on is read, not guessed', async () => {
  const { page, finish } = await open(world, { hash: '#providers' });
  const known = await page.evaluate(async () => {
    const { applyToProcess, processOf } = await import('/page/process.js');
    const lead = -1;
    applyToProcess({ type: 'phone', lead, job: 7, what: 'calling', provider: 'orion', attempt: 1, attempts_max: 3 });
    const inMidst = processOf('phone', lead);
    applyToProcess({ type: 'phone', lead, job: 7, what: 'queued' });
    return [inMidst, processOf('phone', lead)?.state];
  });
  assert.deepEqual(known, [undefined, 'queued']);
  await finish();
});

test('a tab that nobody looks at has no connection, and misses nothing', async () => {
  const { page, finish } = await open(world, { hash: '#runs' });
  const watchers = async () => Number((await (await fetch(`${world.server.base}metrics`)).text()).match(/^genesy_event_clients (\d+)/m)[1]);
  const until = async (number) => {
    for (const end = Date.now() + 60_000; (await watchers()) !== number;) assert.ok(Date.now() < end, `${await watchers()} watch, not ${number}`);
  };
  const hide = (isHidden) => page.evaluate((hidden) => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });
    document.dispatchEvent(new Event('visibilitychange'));
  }, isHidden);
  await until(1);
  await hide(true);
  await until(0);
  const { items: [lead] } = await world.server.get('leads?limit=1');
  await world.server.send('POST', 'phone-lookups', JSON.stringify({ selection: { leads: [lead.id] }, refresh: true }));
  await hide(false);
  await page.locator('#runs-list').getByText('1 of 1').first().waitFor();
  await finish();
});
