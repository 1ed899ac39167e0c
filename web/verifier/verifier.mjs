// The verifier of proofs in JavaScript: in browsers and in Node alike, with nothing but verifier.wasm.
//
//   const verifier = await Verifier.load(await (await fetch('verifier.wasm')).arrayBuffer());
//   verifier.takeKey(key);                 // the bytes of a model's .vkey
//   verifier.verify(proof);                // the bytes of a proof's file → { valid, model, context, inputs, outputs } or { valid: false, reason }

/** What WASI wants of its host. The module only draws a secret for its hash tables; all else answers "not supported". */
function host(memory) {
  const notSupported = 52;
  const calls = {
    random_get(at, size) {
      crypto.getRandomValues(new Uint8Array(memory().buffer, at, size));
      return 0;
    },
    proc_exit(code) {
      throw new Error(`the verifier ended with ${code}`);
    },
  };
  return { wasi_snapshot_preview1: new Proxy(calls, { get: (known, name) => known[name] ?? (() => notSupported) }) };
}

export class Verifier {
  #exports;

  /** From the bytes of verifier.wasm (BufferSource). */
  static async load(wasm) {
    const verifier = new Verifier();
    const { instance } = await WebAssembly.instantiate(wasm, host(() => verifier.#exports.memory));
    verifier.#exports = instance.exports;
    verifier.#exports._initialize();
    return verifier;
  }

  /** Takes a model's key in place of the last one; answers { model }, its id. Throws an Error that says what is wrong with it. */
  takeKey(bytes) {
    const answer = this.#call('take_key', bytes);
    if (answer.reason !== undefined) throw new Error(answer.reason);
    return answer;
  }

  /** Whether a proof's file shows what it says, of the model whose key was taken. */
  verify(bytes) {
    return this.#call('verify', bytes);
  }

  #call(name, bytes) {
    const { memory, allocate, release, answer, answer_size: answerSize } = this.#exports;
    const at = allocate(bytes.length);
    if (at === 0) throw new Error('no memory');
    new Uint8Array(memory.buffer).set(bytes, at);
    try {
      this.#exports[name](at, bytes.length);
    } finally {
      release(at);
    }
    // The memory may have grown, and its buffer with it.
    return JSON.parse(new TextDecoder().decode(new Uint8Array(memory.buffer, answer(), answerSize())));
  }
}
