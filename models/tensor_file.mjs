// ONNX tensors in files of their own (.pb), as the samples beside the models are stored.
import { readFileSync } from "node:fs";
import ort from "onnxruntime-node";

/** Reads an ONNX TensorProto (fields: 1 dims, 2 data_type, 8 name, 9 raw_data) into {name, tensor}. */
export function readTensor(path) {
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
