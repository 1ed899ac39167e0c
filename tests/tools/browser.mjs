// A headless Chromium, driven by its own protocol: opens a page and asks it things.
import { spawn } from 'node:child_process';
import { join } from 'node:path';

const chromium = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** Where the browser listens, which it says on stderr. */
function address(child) {
  return new Promise((found, failed) => {
    let said = '';
    child.stderr.on('data', (chunk) => {
      said += chunk;
      const match = said.match(/DevTools listening on ws:\/\/([^/]+)\//);
      if (match) found(`http://${match[1]}`);
    });
    child.once('error', failed);
    child.once('exit', (code) => failed(new Error(`chromium ended with ${code}\n${said}`)));
  });
}

/** A page open at `url`. */
class Page {
  #socket;
  #number = 0;
  #waiting = new Map();

  static async open(debugUrl) {
    const page = new Page();
    page.#socket = new WebSocket(debugUrl);
    page.#socket.onmessage = ({ data }) => {
      const { id, result, error } = JSON.parse(data);
      const waiting = page.#waiting.get(id);
      if (!waiting) return;
      page.#waiting.delete(id);
      if (error) waiting.failed(new Error(error.message));
      else waiting.done(result);
    };
    await new Promise((done, failed) => Object.assign(page.#socket, { onopen: done, onerror: failed }));
    return page;
  }

  #send(method, params) {
    const id = ++this.#number;
    this.#socket.send(JSON.stringify({ id, method, params }));
    return new Promise((done, failed) => this.#waiting.set(id, { done, failed }));
  }

  /** The value of a JavaScript expression in the page; a promise's when it is one. */
  async evaluate(expression) {
    const { result, exceptionDetails } = await this.#send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  /** Waits until the expression is true, and answers it. */
  async until(expression, { patience = 60_000 } = {}) {
    for (const end = Date.now() + patience; Date.now() < end; await new Promise((done) => setTimeout(done, 20))) {
      const value = await this.evaluate(expression);
      if (value) return value;
    }
    throw new Error(`${expression} did not become true: ${await this.evaluate('document.body.innerText')}`);
  }

  close() {
    this.#socket.close();
  }
}

/** Calls `use` with an `open(url)` that answers a Page; the browser's files go to `folder`. */
export async function browsing(folder, use) {
  const child = spawn(chromium, ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', `--user-data-dir=${join(folder, 'browser')}`,
    '--remote-debugging-port=0', 'about:blank'], { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise((done) => child.once('exit', done));
  const pages = [];
  try {
    const at = await address(child);
    return await use(async (url) => {
      const { webSocketDebuggerUrl } = await (await fetch(`${at}/json/new?${encodeURIComponent(url)}`, { method: 'PUT' })).json();
      pages.push(await Page.open(webSocketDebuggerUrl));
      return pages.at(-1);
    });
  } finally {
    pages.forEach((page) => page.close());
    child.kill();
    await ended;
  }
}
