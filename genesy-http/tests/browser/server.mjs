// The server under test: started on a free port with a folder of its own, killed at the end.

import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const READY_MS_MAX = 60_000;

export class Server {
  static async start(environment = {}) {
    const server = new Server();
    server.environment = environment;
    server.port = 0; // One that is free.
    server.data = await mkdtemp(join(tmpdir(), 'genesy-browser-'));
    await server.run();
    return server;
  }

  /** Starts it, also again over the same data and at the same port, which somebody may have for a moment. */
  async run() {
    this.spawn();
    const until = Date.now() + READY_MS_MAX;
    while (Date.now() < until) {
      const base = /^Open (http:.*)\n/m.exec(this.said)?.[1];
      const answer = base && (await fetch(`${base}readyz`).catch(() => null));
      if (answer?.ok) {
        this.base = base;
        this.port = new URL(base).port;
        return;
      }
      if (this.port && this.child.exitCode !== null) this.spawn();
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    throw new Error(`the server is not ready after ${READY_MS_MAX} ms:\n${this.said}`);
  }

  spawn() {
    const flags = ['serve', '--demo', '--listen', `127.0.0.1:${this.port}`, '--data', this.data];
    this.said = '';
    this.child = spawn(process.env.GENESY_HTTP, flags, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...this.environment } });
    for (const stream of [this.child.stdout, this.child.stderr]) stream.on('data', (text) => (this.said += text));
    this.ended = new Promise((resolve) => this.child.once('exit', resolve));
  }

  /** As if the machine lost its power. */
  async kill() {
    this.child.kill('SIGKILL');
    await this.ended;
  }

  async stop() {
    await this.kill();
    await rm(this.data, { recursive: true, force: true });
  }

  get(path) {
    return this.send('GET', path);
  }

  async send(method, path, body, type = 'application/json') {
    const { GENESY_TOKEN: token } = this.environment;
    const headers = { 'content-type': type, ...(token && { authorization: `Bearer ${token}` }) };
    const answer = await fetch(`${this.base}v1/${path}`, { method, body, headers });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }
}
