// node run.mjs FOLDER: runs FOLDER/model.onnx in onnxruntime on test_data_set_0/input_K.npy and writes output_K.npy.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ort from "onnxruntime-node";

const folder = process.argv[2];
const data = join(folder, "test_data_set_0");
const session = await ort.InferenceSession.create(join(folder, "model.onnx"));
const feeds = {};
session.inputNames.forEach((name, k) => {
    const bytes = readFileSync(join(data, `input_${k}.npy`));
    const length = bytes.readUInt16LE(8);
    const header = bytes.subarray(10, 10 + length).toString();
    const shape = header.match(/\(([^)]*)\)/)[1].split(",").filter((part) => part.trim()).map(Number);
    const raw = new Uint8Array(bytes.subarray(10 + length)).buffer;
    const integers = header.includes("<i8");
    feeds[name] = new ort.Tensor(integers ? "int64" : "float32", integers ? new BigInt64Array(raw) : new Float32Array(raw), shape);
});
const results = await session.run(feeds);
session.outputNames.forEach((name, k) => {
    const { dims, data: values } = results[name];
    const type = values instanceof BigInt64Array ? "<i8" : "<f4";
    const text = `{'descr': '${type}', 'fortran_order': False, 'shape': (${dims.join(", ")},), }`;
    const header = Buffer.from(text.padEnd(64 * Math.ceil((text.length + 11) / 64) - 11) + "\n", "latin1");
    const head = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 0, 0]);
    head.writeUInt16LE(header.length, 8);
    writeFileSync(join(data, `output_${k}.npy`), Buffer.concat([head, header, Buffer.from(values.buffer, values.byteOffset, values.byteLength)]));
});
