// Plain transfers as a program of its own: what other requests cost their client must not be counted against the node.
// The thread is handed {port, signed}; it posts the transactions a second, once all are in blocks.
import { parentPort, workerData } from 'node:worker_threads';
import { Connection, failed, parse, request } from '../rpc/connection.mjs';

const { port, signed } = workerData;
const host = `127.0.0.1:${port}`;
const batch = 100;
const body = (method, params, id) => `{"jsonrpc":"2.0","id":${id},"method":"${method}","params":${JSON.stringify(params)}}`;
const requests = [];
for (let at = 0; at < signed.length; at += batch)
  requests.push(request(`[${signed.slice(at, at + batch).map((one, k) => body('eth_sendRawTransaction', [one], k)).join(',')}]`, host));

const connection = await Connection.open('127.0.0.1', port);
const begin = performance.now();
let answer;
for (const bytes of requests) {
  answer = await connection.exchange(bytes);
  if (failed(answer)) throw new Error(answer.toString('latin1').slice(0, 600));
}
const last = parse(answer).at(-1).result;
const ask = request(body('eth_getTransactionReceipt', [last], 1), host);
while (!parse(await connection.exchange(ask)).result) await new Promise((again) => setTimeout(again, 5));
const perSecond = signed.length / ((performance.now() - begin) / 1000);
connection.close();
parentPort.postMessage(perSecond);
