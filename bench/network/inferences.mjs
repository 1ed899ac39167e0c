// Senders of inferences, each one after the other. As a thread of its own ({url, asking, pause}) it is the load beside
// other measurements: it runs until it is told to stop, gives way to everybody, since what a client in JavaScript costs
// is not the node's, and answers how many inferences had their receipts.
import { constants, setPriority } from 'node:os';
import { isMainThread, parentPort, workerData } from 'node:worker_threads';

let id = 0;
export async function call(url, method, params) {
  const body = JSON.stringify({ jsonrpc: '2.0', id: ++id, method, params });
  const answer = await (await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })).json();
  if (answer.error) throw new Error(`${method}: ${answer.error.message}`);
  return answer.result;
}

/** Sends them one after the other until `until`; answers their times to the receipt in ms. */
export async function inferring(url, signed, until, pause = 0) {
  const times = [];
  for (const one of signed) {
    if (performance.now() >= until()) break;
    const begin = performance.now();
    const hash = await call(url, 'eth_sendRawTransaction', [one]);
    for (let wait = 1; ; wait = Math.min(2 * wait, 16)) {
      const receipt = await call(url, 'eth_getTransactionReceipt', [hash]);
      if (receipt && receipt.status !== '0x1') throw new Error(`inference ${hash} reverted`);
      if (receipt) break;
      await new Promise((again) => setTimeout(again, wait));
    }
    times.push(performance.now() - begin);
    if (pause) await new Promise((again) => setTimeout(again, pause));
  }
  return times;
}

if (!isMainThread && workerData?.asking) {
  // Linux counts this for the calling thread alone.
  setPriority(0, constants.priority.PRIORITY_LOW);
  let stop = Infinity;
  parentPort.once('message', () => (stop = 0));
  const times = await Promise.all(workerData.asking.map((own) => inferring(workerData.url, own, () => stop, workerData.pause)));
  parentPort.postMessage(times.flat().length);
}
