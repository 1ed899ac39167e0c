// Integer models beside onnxruntime's float ones, on inputs neither has been calibrated on:
//   node tests/onnx/compare.mjs [--shape INPUT=AxB]… [--range LOW:HIGH] [--samples FOLDER | FILE.npy] [--count N]
//                               [--integers INPUT=LOW:HIGH]… [--constant INPUT=INTEGER]… [--table] MODEL.onnx…
// FILE.npy, or a folder of them named after the inputs: one half is calibrated on, the other compared.
// For each output: relative L2 error, largest error, share of equal arg-maxima (--table: as rows of Markdown). Without
// models the example models of
// models/ are compared on their stored samples, and the bounds of the design hold (exit code 1 otherwise).
// Needs build/release/bin/valence (or what VALENCE names) and the npm package onnxruntime-node.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync, existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ort from "onnxruntime-node";
import { readTensor } from "../../models/tensor_file.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const valence = process.env.VALENCE ?? join(root, "build/release/bin/valence");
const largestError = 0.005;
const leastAgreement = 0.995;

/** A seeded generator (mulberry32), so that runs repeat. */
function generator(seed) {
    return () => {
        seed = (seed + 0x6d2b79f5) | 0;
        let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
        t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
        return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
}

function writeNpy(path, data, shape) {
    const type = data instanceof BigInt64Array ? "<i8" : "<f4";
    let header = `{'descr': '${type}', 'fortran_order': False, 'shape': (${shape.join(", ")},), }`;
    header = header.padEnd(64 * Math.ceil((header.length + 11) / 64) - 11) + "\n";
    const head = Buffer.alloc(10);
    head.write("\x93NUMPY\x01\x00", "latin1");
    head.writeUInt16LE(header.length, 8);
    writeFileSync(path, Buffer.concat([head, Buffer.from(header), Buffer.from(data.buffer, data.byteOffset, data.byteLength)]));
}

function readNpy(path) {
    const bytes = readFileSync(path);
    const length = bytes.readUInt16LE(8);
    const header = bytes.subarray(10, 10 + length).toString();
    const raw = new Uint8Array(bytes.subarray(10 + length)).buffer;
    return header.includes("<i8") ? new BigInt64Array(raw) : new Float32Array(raw);
}

function compare(outputs) {
    let difference = 0, size = 0, largest = 0, equal = 0, rows = 0;
    for (const { wanted, got, row } of outputs) {
        for (let k = 0; k < wanted.length; k++) {
            const error = Number(got[k]) - Number(wanted[k]);
            difference += error * error;
            size += Number(wanted[k]) ** 2;
            largest = Math.max(largest, Math.abs(error));
        }
        const best = (values, start) => {
            let at = start;
            for (let k = start; k < start + row; k++) if (Number(values[k]) > Number(values[at])) at = k;
            return at;
        };
        const labels = wanted instanceof BigInt64Array;
        for (let start = 0; start < wanted.length && (labels || row > 1); start += row) {
            rows++;
            if (labels ? Number(wanted[start]) === Number(got[start]) : best(wanted, start) === best(got, start)) equal++;
        }
    }
    return { error: size > 0 ? Math.sqrt(difference / size) : Math.sqrt(difference), largest, agreement: rows > 0 ? equal / rows : null };
}

function options(args) {
    const result = { shapes: {}, range: [-1, 1], count: 16, samples: null, constants: {}, integers: {}, table: false, models: [] };
    for (let k = 0; k < args.length; k++) {
        if (args[k] === "--shape") {
            const [name, shape] = args[++k].split("=");
            result.shapes[name] = shape.split("x").map(Number);
        } else if (args[k] === "--constant") {
            const [name, value] = args[++k].split("=");
            result.constants[name] = value;
        } else if (args[k] === "--integers") {
            const [name, range] = args[++k].split("=");
            result.integers[name] = range.split(":").map(Number);
        } else if (args[k] === "--table") result.table = true;
        else if (args[k] === "--range") result.range = args[++k].split(":").map(Number);
        else if (args[k].startsWith("--range=")) result.range = args[k].slice(8).split(":").map(Number);
        else if (args[k] === "--count") result.count = Number(args[++k]);
        else if (args[k] === "--samples") {
            if (args[++k].endsWith(".npy") || !existsSync(join(args[k], "input_0.pb"))) result.samplesOf = args[k];
            else result.samples = args[k];
        }
        else result.models.push(args[k]);
    }
    return result;
}

/** Inputs by name: one array over all samples, and the shape of one sample. */
function makeInputs(session, { shapes, range, count, constants, integers }, random) {
    const inputs = {};
    for (const meta of session.inputMetadata) {
        if (meta.name in constants) continue;
        const shape = shapes[meta.name] ?? meta.shape.map((extent, axis) => (typeof extent === "number" && extent > 0 ? extent : axis === 0 ? 1 : null));
        if (shape.includes(null)) throw new Error(`input ${meta.name} has open dimensions: --shape ${meta.name}=…`);
        const size = shape.reduce((a, b) => a * b, 1) * count;
        const [low, high] = integers[meta.name] ?? [0, range[1] > 1 ? range[1] : 100];
        inputs[meta.name] = meta.type.startsWith("int")
            ? { shape, data: BigInt64Array.from({ length: size }, () => BigInt(low + Math.floor(random() * (high - low)))) }
            : { shape, data: Float32Array.from({ length: size }, () => range[0] + (range[1] - range[0]) * random()) };
    }
    return inputs;
}

async function one(model, choices) {
    const session = await ort.InferenceSession.create(model);
    const folder = mkdtempSync(join(tmpdir(), "valence-compare-"));
    try {
        const shapes = Object.entries(choices.shapes).flatMap(([name, shape]) => ["--shape", `${name}=${shape.join("x")}`]);
        const vmodel = join(folder, "model.vmodel");
        const quantize = (samples) => execFileSync(valence, ["model", "quantize", model, "-o", vmodel, "--max-error", "1e6", "--samples", samples, ...shapes,
            ...Object.entries(choices.constants).flatMap(([name, value]) => ["--constant", `${name}=${value}`])],
            { stdio: ["ignore", "ignore", "pipe"] });
        let inputs;
        if (choices.samples) {
            // Stored samples: calibrate and compare on the same files, as many as there are.
            quantize(choices.samples);
            inputs = storedInputs(session, choices.samples);
        } else {
            const halves = choices.samplesOf ? halvesOf(session, choices.samplesOf, choices) : null;
            if (halves) choices.count = halves.count;
            const write = (values) => {
                for (const [name, { data, shape }] of Object.entries(values))
                    writeNpy(join(folder, `${name}.npy`), data, [choices.count * (shape[0] ?? 1), ...shape.slice(1)]);
            };
            write(halves?.first ?? makeInputs(session, { ...choices, count: (choices.count *= 2) }, generator(1)));
            quantize(folder);
            if (!halves) choices.count /= 2;
            inputs = halves?.second ?? makeInputs(session, choices, generator(2));
            write(inputs);
        }
        execFileSync(valence, ["model", "run", vmodel, "--input", choices.samples ?? folder, "--output", folder], { stdio: ["ignore", "ignore", "pipe"], maxBuffer: 1 << 28 });
        const count = Object.values(inputs)[0].data.length / Object.values(inputs)[0].shape.reduce((a, b) => a * b, 1);
        const parts = session.outputNames.map(() => []);
        const got = session.outputNames.map((_, k) => readNpy(join(folder, `output_${k}.npy`)));
        for (let sample = 0; sample < count; sample++) {
            const feeds = {};
            for (const [name, value] of Object.entries(choices.constants)) feeds[name] = new ort.Tensor("int64", BigInt64Array.from([BigInt(value)]), []);
            for (const [name, { data, shape }] of Object.entries(inputs)) {
                const size = shape.reduce((a, b) => a * b, 1);
                const part = data.slice(sample * size, (sample + 1) * size);
                const type = session.inputMetadata.find((meta) => meta.name === name).type;
                feeds[name] = new ort.Tensor(type, type === "int32" ? Int32Array.from(part, Number) : part, shape);
            }
            const result = await session.run(feeds);
            session.outputNames.forEach((name, k) => {
                const wanted = result[name].data;
                parts[k].push({ wanted, got: got[k].subarray(sample * wanted.length, (sample + 1) * wanted.length), row: result[name].dims.at(-1) ?? 1 });
            });
        }
        return session.outputNames.map((name, k) => ({ name, ...compare(parts[k]), labels: parts[k][0].wanted instanceof BigInt64Array }));
    } finally {
        rmSync(folder, { recursive: true });
        await session.release();
    }
}

/** Samples of a .npy file for a model with one input, or of a folder: one half to calibrate on, one to compare on. */
function halvesOf(session, source, { shapes, constants }) {
    const halves = { count: 0, first: {}, second: {} };
    for (const meta of session.inputMetadata) {
        if (meta.name in constants) continue;
        const data = readNpy(source.endsWith(".npy") ? source : join(source, `${meta.name.replaceAll(/[:/]/g, "_")}.npy`));
        const shape = shapes[meta.name] ?? meta.shape;
        const size = shape.reduce((a, b) => a * b, 1);
        halves.count = Math.floor(data.length / size / 2);
        const half = halves.count * size;
        halves.first[meta.name] = { shape, data: data.slice(0, half) };
        halves.second[meta.name] = { shape, data: data.slice(half, 2 * half) };
    }
    return halves;
}

/** input_K.pb files as models/ stores them: the samples along the first axis. */
function storedInputs(session, folder) {
    return Object.fromEntries(session.inputNames.map((name, k) => {
        const { tensor } = readTensor(join(folder, `input_${k}.pb`));
        return [name, { shape: [1, ...tensor.dims.slice(1)], data: tensor.data }];
    }));
}

const choices = options(process.argv.slice(2));
const examples = choices.models.length === 0;
if (examples)
    for (const name of readdirSync(join(root, "models")))
        if (existsSync(join(root, "models", name, "model.onnx"))) choices.models.push(join(root, "models", name, "model.onnx"));
let failed = 0;
for (const model of choices.models) {
    const samples = examples ? join(dirname(model), "test_data_set_0") : choices.samples;
    let results;
    try {
        results = await one(model, { ...choices, samples });
    } catch (error) {
        console.log(`${model}: ${(error.stderr?.toString() || error.message).trim().split("\n").slice(-6).join(" | ")}`);
        failed++;
        continue;
    }
    for (const { name, error, largest, agreement, labels } of results) {
        const good = (labels || error <= largestError) && (agreement === null || agreement >= leastAgreement);
        if (!good) failed++;
        if (choices.table)
            console.log(`| ${model.split("/").slice(-2).join("/").replace("/model.onnx", "")} | \`${name.slice(0, 24)}\` | ${labels ? "" : (100 * error).toFixed(4) + " %"} | ${largest.toPrecision(3)} | ${agreement === null ? "" : (100 * agreement).toFixed(2) + " %"} |`);
        else console.log(`${model} '${name.slice(0, 24)}': relative L2 ${(100 * error).toFixed(4)} %, largest ${largest.toPrecision(3)}`
            + (agreement === null ? "" : `, arg-max ${(100 * agreement).toFixed(2)} %`) + (good ? "" : "   OUTSIDE THE BOUNDS"));
    }
}
process.exit(failed === 0 ? 0 : 1);
