// Runs every example model with onnxruntime on the samples stored beside it, and compares with what the framework that
// trained it computed.   node models/verify.mjs [NAME…]      (needs the npm package onnxruntime-node)
import { readdirSync, existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ort from "onnxruntime-node";
import { readTensor } from "./tensor_file.mjs";

const folder = dirname(fileURLToPath(import.meta.url));
const bound = 1e-5; // relative L2 error: both sides compute in single precision

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
