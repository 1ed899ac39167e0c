// Times onnxruntime's float32 CPU path on models/benchmark and prints it beside the integer executor's times.
//   node bench/ml/onnxruntime.mjs OURS.json [--threads N] [--min-time SECONDS] [--models FOLDER] [--json]
// OURS.json is what valence-bench-ml --json wrote. Least wall time and median CPU time of a run, as there; a run
// here includes the crossing from JavaScript, some 10 µs.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import ort from "onnxruntime-node";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const { values: options, positionals } = parseArgs({
    allowPositionals: true,
    options: {
        threads: { type: "string", default: "1" },
        "min-time": { type: "string", default: "0.3" },
        models: { type: "string", default: join(root, "build", "models") },
        json: { type: "boolean", default: false },
    },
});
const threads = Number(options.threads);
const minTime = Number(options["min-time"]);

/** Name of a model → shape of one input. */
const shapes = {
    "mlp-784-56-10": [1, 784],
    lenet5: [1, 1, 32, 32],
    "cnn-264k": [1, 3, 32, 32],
    "dense-4m": [1, 4],
    "vgg16-cifar": [1, 3, 32, 32],
    "small-gpt": [1, 64],
};

function input(name) {
    const shape = shapes[name];
    const count = shape.reduce((product, extent) => product * extent, 1);
    if (name.endsWith("gpt"))
        return new ort.Tensor("int64", BigInt64Array.from({ length: count }, (_, k) => BigInt((k * 31) % 256)), shape);
    return new ort.Tensor("float32", Float32Array.from({ length: count }, (_, k) => ((k * 7919) % 32768) / 32768), shape);
}

const median = (list) => list.toSorted((a, b) => a - b)[list.length >> 1];

async function measure(name) {
    const session = await ort.InferenceSession.create(join(options.models, name, "model.onnx"), {
        intraOpNumThreads: threads,
        interOpNumThreads: 1,
        graphOptimizationLevel: "all",
    });
    const feeds = { [session.inputNames[0]]: input(name) };
    for (let k = 0; k < 10; ++k) await session.run(feeds);
    const wall = [];
    const cpu = [];
    for (let total = 0; total < minTime || wall.length < 7; total += wall.at(-1) * 1e-6) {
        const cpuStart = process.cpuUsage();
        const start = process.hrtime.bigint();
        await session.run(feeds);
        wall.push(Number(process.hrtime.bigint() - start) / 1e3);
        const used = process.cpuUsage(cpuStart);
        cpu.push(used.user + used.system);
    }
    await session.release();
    return { name, threads, wall_us: Math.min(...wall), cpu_us: median(cpu) };
}

const ours = JSON.parse(readFileSync(positionals[0], "utf8"));
const rows = [];
for (const { name, wall_us, cpu_us } of ours) {
    if (!(name in shapes) || !existsSync(join(options.models, name, "model.onnx"))) continue;
    const theirs = await measure(name);
    rows.push({ name, threads, ours_us: wall_us, onnxruntime_us: theirs.wall_us, ratio: wall_us / theirs.wall_us,
        ours_cpu_us: cpu_us, onnxruntime_cpu_us: theirs.cpu_us });
}
if (options.json) {
    console.log(JSON.stringify(rows));
} else {
    const right = (value, width, digits = 1) => value.toFixed(digits).padStart(width);
    console.log(`${threads} thread(s), µs a run`.padEnd(24) + "   ours wall    onnxruntime   ratio    ours CPU  onnxruntime CPU");
    for (const row of rows)
        console.log(row.name.padEnd(24) + right(row.ours_us, 12) + right(row.onnxruntime_us, 15) +
            right(row.ratio, 8, 2) + right(row.ours_cpu_us, 12) + right(row.onnxruntime_cpu_us, 17));
}
