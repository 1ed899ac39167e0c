// Runs every example model with onnxruntime on the samples stored beside it, and compares with what the framework that
// trained it computed.   node models/verify.mjs [NAME…]      (needs the npm package onnxruntime-node)
import { readFileSync, readdirSync, existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ort from "onnxruntime-node";

const folder = dirname(fileURLToPath(import.meta.url));
const bound = 1e-5; // relative L2 error: both sides compute in single precision

/** Reads an ONNX TensorProto (fields: 1 dims, 2 data_type, 8 name, 9 raw_data) into {name, tensor}. */
function readTensor(path) {
    const bytes = readFileSync(path);
    let at = 0;
    const varint = () => {
        let value = 0n;
        for (let shift = 0n; ; shift += 7n) {
            const byte = bytes[at++];
            value |= BigInt(byte & 127) << shift;
            if (byte < 128) return Number(value);
        }
    };
    const dims = [];
    let type, name, raw;
    while (at < bytes.length) {
        const tag = varint();
        if ((tag & 7) === 0) {
            const value = varint();
            if (tag >> 3 === 1) dims.push(value);
            if (tag >> 3 === 2) type = value;
        } else if ((tag & 7) === 2) {
            const length = varint();
            const part = bytes.subarray(at, at + length);
            at += length;
            if (tag >> 3 === 1) {
                const end = at;
                at -= length;
                while (at < end) dims.push(varint());
            }
            if (tag >> 3 === 8) name = part.toString();
            if (tag >> 3 === 9) raw = part;
        } else {
            throw new Error(`${path}: unexpected wire type`);
        }
    }
    const data = raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.length);
    const tensor = type === 7 ? new ort.Tensor("int64", new BigInt64Array(data), dims)
        : new ort.Tensor("float32", new Float32Array(data), dims);
    return { name, tensor };
}

/** Relative L2 error of `got` against `wanted`, and the largest absolute one. */
function difference(got, wanted) {
    let square = 0, norm = 0, largest = 0;
    for (let i = 0; i < wanted.length; i++) {
        const error = Number(got[i]) - Number(wanted[i]);
        square += error * error;
        norm += Number(wanted[i]) ** 2;
        largest = Math.max(largest, Math.abs(error));
    }
    return { relative: Math.sqrt(square / (norm || 1)), largest };
}

let failed = 0;
const named = process.argv.slice(2);
const models = named.length ? named : readdirSync(folder).filter((name) => existsSync(join(folder, name, "model.onnx")));
for (const name of models) {
    const session = await ort.InferenceSession.create(join(folder, name, "model.onnx"));
    const samples = join(folder, name, "test_data_set_0");
    const inputs = Object.fromEntries(session.inputNames.map((_, i) => {
        const { name: input, tensor } = readTensor(join(samples, `input_${i}.pb`));
        return [input, tensor];
    }));
    const outputs = await session.run(inputs);
    session.outputNames.forEach((_, i) => {
        const { name: output, tensor } = readTensor(join(samples, `output_${i}.pb`));
        const got = outputs[output];
        const { relative, largest } = difference(got.data, tensor.data);
        const same = relative <= bound && got.dims.join() === tensor.dims.join();
        failed += !same;
        console.log(`${same ? "ok  " : "FAIL"} ${name}: ${output} [${got.dims}], relative L2 error ` +
            `${relative.toExponential(1)}, largest ${largest.toExponential(1)}`);
    });
}
process.exit(failed ? 1 : 0);
