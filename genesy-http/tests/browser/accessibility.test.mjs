// What axe finds, on every view, in light and dark, wide and narrow.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { DESKTOP, importSample, open, PHONE, row, screenshot, setUp } from './browser.mjs';

const world = setUp();
const axe = await readFile(new URL('./node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
const SERIOUS = ['serious', 'critical'];

async function assertSound(page, where) {
  // Evaluated by the protocol of the browser: the content policy would refuse a script of ours.
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => axe.run());
  const found = violations.filter(({ impact }) => SERIOUS.includes(impact));
  const told = found.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ html, failureSummary }) => `${html.slice(0, 160)} ${failureSummary}`).join(' | ')}`);
  assert.deepEqual(told, [], where);
}

for (const [colorScheme, viewport] of [['light', DESKTOP], ['dark', DESKTOP], ['dark', PHONE], ['light', PHONE]]) {
  test(`no serious finding: ${colorScheme}, ${viewport.width} pixels`, async () => {
    const { page, finish } = await open(world, { colorScheme, viewport });
    const name = (view) => `${view}-${colorScheme}-${viewport.width}`;
    await assertSound(page, 'import');
    const isFirst = (await world.server.get('leads/count')).count === 0;
    if (isFirst) {
      await page.getByRole('button', { name: 'Try the sample file' }).click();
      await page.getByRole('button', { name: /^Import \d/ }).waitFor();
      await assertSound(page, 'preview');
      await page.getByRole('button', { name: 'Discard' }).click();
      await importSample(page);
      await page.getByRole('button', { name: /^Select all/ }).click();
      await page.getByRole('button', { name: 'Find phone' }).click();
      await page.getByRole('dialog').getByRole('button', { name: /^Start for/ }).waitFor();
      await assertSound(page, 'forecast');
      await page.keyboard.press('Enter');
    }
    for (const view of ['Leads', 'Runs', 'Providers', 'Import']) {
      await page.getByRole('navigation').getByRole('link', { name: view }).click();
      await page.locator(`#view-${view.toLowerCase()} :is(.item:not(.loading), article, td):visible`).first().waitFor();
      await assertSound(page, view);
      await screenshot(page, name(view.toLowerCase()));
    }
    await page.getByRole('navigation').getByRole('link', { name: 'Leads' }).click();
    await row(page, 0).click();
    await page.locator('#drawer-phone .chip').first().waitFor();
    await assertSound(page, 'drawer');
    await screenshot(page, name('drawer'));
    await page.getByRole('dialog').getByRole('button', { name: 'Edit' }).click();
    await assertSound(page, 'edit');
    await finish();
  });
}
