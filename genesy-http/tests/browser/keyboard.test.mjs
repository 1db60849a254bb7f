// By the keyboard alone: from a file to a phone.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { open, screenshot, setUp } from './browser.mjs';

const TABS_MAX = 60;
const world = setUp();

/** What has the focus: its name or text, or nothing where that is the whole page. */
const focused = (page) => page.evaluate(() => {
  const { activeElement: active } = document;
  return active.matches('body, main') ? '' : (active.getAttribute('aria-label') ?? active.textContent.slice(0, 80));
});

async function assertFocused(page, pattern) {
  const name = await focused(page);
  assert.ok(pattern.test(name), `'${name}' has the focus, not what is like ${pattern}`);
}

/** Presses Tab until what has the focus has this text or name. */
async function tabTo(page, pattern, key = 'Tab') {
  const passed = [];
  for (let press = 0; press < TABS_MAX; press += 1) {
    await page.keyboard.press(key);
    const name = await focused(page);
    if (pattern.test(name)) return;
    passed.push(name);
  }
  assert.fail(`${TABS_MAX} times ${key}, and nothing like ${pattern} got the focus, but: ${passed.join(' | ')}`);
}

const focusIsVisible = (page) => page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle !== 'none');

test('the link that skips the navigation stays where it is', async () => {
  const { page, finish } = await open(world, { hash: '#runs' });
  await tabTo(page, /^Skip to the content/);
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.activeElement.id === 'main');
  assert.ok(await page.locator('#view-runs').isVisible());
  await finish();
});

test('import, select, find a phone, look at it', async () => {
  const { page, finish } = await open(world);
  await tabTo(page, /^Skip to the content/);
  await tabTo(page, /^Try the sample file/);
  assert.ok(await focusIsVisible(page));
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: /^Import \d/ }).waitFor();
  await tabTo(page, /^Import \d/);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Show these leads' }).waitFor();
  await tabTo(page, /^Show these leads/);
  await page.keyboard.press('Enter');
  await page.locator('.item:not(.loading)').first().waitFor();

  await tabTo(page, /^.?Odile/);
  assert.ok(await focusIsVisible(page));
  for (const key of ['ArrowDown', 'ArrowDown', 'ArrowUp', ' ']) await page.keyboard.press(key);
  await page.locator('.item[data-index="1"][aria-selected=true]').waitFor();
  await page.getByText('1 selected').waitFor();
  await tabTo(page, /^Find phone/, 'Shift+Tab');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').getByRole('button', { name: /^Start for 1 lead/ }).waitFor();
  await assertFocused(page, /^Start for 1 lead/);
  // What changes behind the dialog does not replace the button that opened it.
  const { items: [{ id }] } = await world.server.get('leads?limit=1');
  await world.server.send('PATCH', `leads/${id}`, JSON.stringify({ job_title: 'Changed elsewhere' }), 'application/merge-patch+json');
  await page.locator('.item', { hasText: 'Changed elsewhere' }).waitFor();
  await page.keyboard.press('Enter');
  await page.locator('#dialog').waitFor({ state: 'hidden' });
  await assertFocused(page, /^Find phone/);

  await tabTo(page, /^.?Odile/);
  await page.keyboard.press('Enter');
  await page.locator('#drawer-title').waitFor();
  assert.ok(await page.evaluate(() => document.getElementById('drawer').contains(document.activeElement)), await focused(page));
  await page.locator('#drawer-phone .chip').first().waitFor();
  await screenshot(page, 'keyboard-drawer');
  await page.keyboard.press('Escape');
  await page.locator('#drawer').waitFor({ state: 'hidden' });
  assert.equal(await page.evaluate(() => document.activeElement.dataset.index), '1', await focused(page));
  await finish();
});
