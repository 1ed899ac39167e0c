// A reporter for node:test: each failure in full as it happens, then a line per file, then the totals.
import { basename } from 'node:path';

export default async function* summary(source) {
  const files = new Map();
  let last;
  for await (const { type, data } of source) {
    if (type === 'test:stderr') yield data.message;
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    // Suites and the files themselves are reported too; only tests count.
    const file = data.file && basename(data.file);
    if (!file || data.details.type === 'suite') continue;
    const isFile = data.name.endsWith('.test.mjs');
    if (isFile && type === 'test:pass') continue;
    const row = files.get(file) ?? { passed: 0, failed: 0, skipped: 0, ms: 0 };
    files.set(file, row);
    row.ms += data.details.duration_ms;
    if (data.skip !== undefined) {
      row.skipped += 1;
    } else if (type === 'test:pass') {
      row.passed += 1;
    } else {
      row.failed += 1;
      const { cause } = data.details.error;
      const why = String(cause?.stack ?? cause ?? data.details.error).replace(/^/gm, '  ');
      // A node that does not start fails every test of its file for the same reason.
      yield `FAILED ${file}: ${data.name}\n${why === last ? '  (as above)' : why}\n`;
      last = why;
    }
  }
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const [file, row] of [...files].sort()) {
    for (const key of Object.keys(total)) total[key] += row[key];
    yield `${file.padEnd(22)} ${row.passed} passed, ${row.failed} failed, ${row.skipped} skipped  (${(row.ms / 1000).toFixed(1)} s)\n`;
  }
  yield `${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`;
}
