// A browser that watches for what must not happen: errors in the console, requests to another host.

import assert from 'node:assert/strict';
import { after, before } from 'node:test';

import { chromium } from 'playwright-core';

import { Server } from './server.mjs';

const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
/** Generous, since this must hold on a machine that is slow and busy. */
const WAIT_MS = 60_000;
/** How many times slower the page is made: what depends on who is first shows then. */
const SLOWDOWN = Number(process.env.GENESY_BROWSER_SLOWDOWN ?? 1);

export const DESKTOP = { width: 1280, height: 800 };
export const PHONE = { width: 390, height: 800 };

/** A server and a browser for all tests of a file. */
export function setUp(environment) {
  const world = {};
  before(async () => {
    world.server = await Server.start(environment);
    world.browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS });
  });
  after(async () => {
    // Pages that are still open belong to tests that failed.
    const open = world.browser?.contexts().flatMap((context) => context.pages()) ?? [];
    for (const [index, page] of open.entries()) await screenshot(page, `failed-${process.pid}-${index}`).catch(() => {});
    await world.browser?.close();
    await world.server?.stop();
  });
  return world;
}

/** Opens the page. `finish` fails if anything went wrong on it; `expected` are errors that a test provokes. */
export async function open({ browser, server }, { hash = '', expected, viewport = DESKTOP, isLive = true, ...options } = {}) {
  const context = await browser.newContext({ viewport, acceptDownloads: true, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(WAIT_MS);
  if (SLOWDOWN > 1) await (await context.newCDPSession(page)).send('Emulation.setCPUThrottlingRate', { rate: SLOWDOWN });
  const wrong = [];
  page.on('console', (message) => message.type() === 'error' && !expected?.test(message.text()) && wrong.push(`console: ${message.text()} ${message.location().url}`));
  page.on('pageerror', (error) => wrong.push(`error: ${error.stack}`));
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.protocol.startsWith('http') && url.host !== new URL(server.base).host) wrong.push(`request to ${url.host}`);
  });
  await page.goto(server.base + hash);
  if (isLive) await page.locator('#live[data-state=live]').waitFor();
  const finish = async () => {
    assert.deepEqual(wrong, []);
    await context.close();
  };
  return { page, finish, context };
}

export const screenshot = (page, name) => page.screenshot({ path: `screenshots/${name}.png` });

/** Imports the sample by clicks, and goes to its leads. */
export async function importSample(page) {
  await page.getByRole('button', { name: 'Try the sample file' }).click();
  await page.getByRole('button', { name: /^Import \d/ }).click();
  await page.getByRole('button', { name: 'Show these leads' }).click();
  await row(page, 0).waitFor();
}

/** A row of the table, as it is in the document. */
export const row = (page, index) => page.locator(`.item[data-index="${index}"]:not(.loading)`);
/** The row of somebody. */
export const rowOf = (page, name) => page.locator('.item', { hasText: name });

/** How a search ended, in a row: the chip with exactly these words, behind its sign. */
export const outcome = (place, words) => place.locator('.c-process .chip', { hasText: new RegExp(`^.${words}$`) });

/** Imports a file of this content, past the page. */
export async function importText(server, name, text) {
  const { id } = await server.send('POST', `imports?file_name=${name}`, text, 'text/csv');
  await server.send('POST', `imports/${id}/commit`);
  for (;;) {
    const { state, error, leads_new: added } = await server.get(`imports/${id}`);
    if (state === 'imported') return added;
    assert.equal(state, 'importing', error);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A file of this many leads, other ones for each name. */
export function manyLeads(number, of = 'person', cell = () => '') {
  const lines = ['first_name,last_name,email,company,website,job title,country,notes'];
  for (let index = 0; index < number; index += 1) {
    const name = `${of}${index}`;
    lines.push(`Given${index},Family${index % 977},${name}@example.works,Company ${index % 499},example.works,CEO,ES,${cell(index)}`);
  }
  return `${lines.join('\n')}\n`;
}
