// A keep-alive HTTP connection that does as little as it can: requests are whole buffers made beforehand, and an
// answer is only measured (by its content length or its chunks) and scanned for an error, never parsed.
import { createConnection } from 'node:net';

const head = (length, host) =>
  `POST / HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`;

/** The bytes of a request with this JSON body. */
export const request = (body, host) => Buffer.from(head(Buffer.byteLength(body), host) + body);

export class Connection {
  #socket;
  #received = [];
  #size = 0;
  #expected = 0;
  #waiting = null;

  static open(host, port) {
    return new Promise((done, failed) => {
      const connection = new Connection();
      connection.#socket = createConnection({ host, port, noDelay: true }, () => done(connection));
      connection.#socket.once('error', failed);
      connection.#socket.on('data', (chunk) => connection.#take(chunk));
      connection.#socket.on('close', () => connection.#waiting?.failed(new Error('the node closed the connection')));
    });
  }

  /** Sends a request made by `request` and answers with the whole response as a buffer. */
  exchange(bytes) {
    return new Promise((done, failed) => {
      this.#waiting = { done, failed };
      this.#socket.write(bytes);
    });
  }

  close() {
    this.#waiting = null;
    this.#socket.destroy();
  }

  #take(chunk) {
    this.#received.push(chunk);
    this.#size += chunk.length;
    // Long answers are put together once, when they are complete.
    if (this.#size < this.#expected) return;
    const all = this.#received.length === 1 ? chunk : Buffer.concat(this.#received);
    this.#expected = expectedSize(all);
    if (all.length < this.#expected) {
      this.#received = [all];
      return;
    }
    this.#received = [];
    this.#size = 0;
    this.#expected = 0;
    const { done } = this.#waiting;
    this.#waiting = null;
    done(all);
  }
}

/** Bytes of the whole response that begins with `bytes`, as far as it can be told: at least one more than there are. */
function expectedSize(bytes) {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return bytes.length + 1;
  const length = /content-length: *(\d+)/i.exec(bytes.latin1Slice(0, end));
  if (length) return end + 4 + Number(length[1]);
  return bytes.latin1Slice(bytes.length - 5) === '0\r\n\r\n' ? bytes.length : bytes.length + 1;
}

/** The JSON of a response that `exchange` gave. */
export function parse(bytes) {
  const end = bytes.indexOf('\r\n\r\n');
  const header = bytes.latin1Slice(0, end);
  let body = bytes.subarray(end + 4);
  if (!/content-length/i.test(header)) {
    const parts = [];
    for (let at = 0; ;) {
      const line = body.indexOf('\r\n', at);
      const size = parseInt(body.latin1Slice(at, line), 16);
      if (size === 0) break;
      parts.push(body.subarray(line + 2, line + 2 + size));
      at = line + 2 + size + 2;
    }
    body = Buffer.concat(parts);
  }
  return JSON.parse(body.toString());
}

/** Whether a response holds an error anywhere, found without parsing it. */
export const failed = (bytes) => bytes.includes('"error"') || !bytes.latin1Slice(9, 12).startsWith('200');
