"""Trains a byte-level GPT and writes its ONNX file."""

import io
from math import log, sqrt

import numpy as np
import onnx
import torch
from torch import nn

import onnx_file
from data import scripture

SEED = 1
LAYERS, WIDTH, HEADS, FORWARD, VOCABULARY, CONTEXT = 4, 64, 4, 256, 256, 64
STEPS, BATCH, RATE = 6000, 16, 3e-3


class Block(nn.Module):
    """Pre-normalised causal self-attention and feed-forward, each added to its input."""

    def __init__(self):
        super().__init__()
        self.before_attention = nn.LayerNorm(WIDTH)
        self.query_key_value = nn.Linear(WIDTH, 3 * WIDTH)
        self.mix = nn.Linear(WIDTH, WIDTH)
        self.before_forward = nn.LayerNorm(WIDTH)
        self.widen = nn.Linear(WIDTH, FORWARD)
        self.narrow = nn.Linear(FORWARD, WIDTH)
        for into_residual in (self.mix, self.narrow):
            nn.init.normal_(into_residual.weight, std=0.08 / sqrt(2 * LAYERS))

    def forward(self, x, future):
        heads = [part.reshape(-1, CONTEXT, HEADS, WIDTH // HEADS).transpose(1, 2)
                 for part in self.query_key_value(self.before_attention(x)).split(WIDTH, dim=2)]
        scores = heads[0] @ heads[1].transpose(2, 3) * (1 / sqrt(WIDTH // HEADS))
        weights = scores.masked_fill(future, float("-inf")).softmax(3)
        x = x + self.mix((weights @ heads[2]).transpose(1, 2).reshape(-1, CONTEXT, WIDTH))
        return x + self.narrow(nn.functional.gelu(self.widen(self.before_forward(x))))


class Gpt(nn.Module):
    def __init__(self):
        super().__init__()
        self.token = nn.Embedding(VOCABULARY, WIDTH)
        self.position = nn.Parameter(torch.randn(CONTEXT, WIDTH) * 0.05)
        self.blocks = nn.ModuleList(Block() for _ in range(LAYERS))
        self.last = nn.LayerNorm(WIDTH)
        self.head = nn.Linear(WIDTH, VOCABULARY, bias=False)
        nn.init.normal_(self.token.weight, std=0.05)
        self.register_buffer("future", torch.triu(torch.ones(CONTEXT, CONTEXT, dtype=torch.bool), 1), persistent=False)

    def hidden(self, tokens):
        x = self.token(tokens) + self.position
        for block in self.blocks:
            x = block(x, self.future)
        return x

    def forward(self, tokens):
        """Logits of the byte after the last token [batch, VOCABULARY]."""
        return self.head(self.last(self.hidden(tokens)[:, -1]))

    def all_logits(self, tokens):
        return self.head(self.last(self.hidden(tokens)))


def bits(model, text):
    """Bits per byte over held-back text, each byte predicted from the 32 to 63 before it."""
    half = CONTEXT // 2
    total, count = 0.0, 0
    starts = torch.arange(0, len(text) - CONTEXT - 1, half)
    with torch.no_grad():
        for rows in starts.split(256):
            window = text[rows[:, None] + torch.arange(CONTEXT + 1)]
            logits = model.all_logits(window[:, :-1])[:, half:]
            targets = window[:, 1 + half:]
            total += nn.functional.cross_entropy(logits.reshape(-1, VOCABULARY), targets.reshape(-1),
                                                 reduction="sum").item()
            count += targets.numel()
    return total / count / log(2)


def counted_bits(train, test, order):
    """Bits per byte of the model that counts which byte followed the last `order` bytes, add-0.05 smoothed."""
    weights = VOCABULARY ** np.arange(order, -1, -1)

    def keys(text):
        return sum(text[i:len(text) - order + i].astype(np.int64) * weights[i] for i in range(order + 1))

    whole, counts = np.unique(keys(train), return_counts=True)
    context, start = np.unique(whole // VOCABULARY, return_index=True)
    context_counts = np.add.reduceat(counts, start)

    def find(table, values, wanted):
        index = np.minimum(np.searchsorted(table, wanted), len(table) - 1)
        return np.where(table[index] == wanted, values[index], 0)

    wanted = keys(test)
    p = (find(whole, counts, wanted) + 0.05) / (find(context, context_counts, wanted // VOCABULARY) + 0.05 * VOCABULARY)
    return float(-np.log2(p).mean())


def generate(model, prompt, length, temperature):
    """The prompt (put after as many line ends as it lacks) and `length` bytes drawn from the model."""
    tokens = list(prompt.encode())
    window = [10] * (CONTEXT - len(tokens)) + tokens
    with torch.no_grad():
        for _ in range(length):
            p = (model(torch.tensor([window[-CONTEXT:]])) / temperature).softmax(1)
            window.append(int(torch.multinomial(p, 1)))
            tokens.append(window[-1])
    return bytes(tokens).decode("ascii", "replace")


torch.manual_seed(SEED)
torch.set_num_threads(1)
train_bytes, test_bytes = scripture.load()
text, held_back = torch.tensor(train_bytes.astype(np.int64)), torch.tensor(test_bytes.astype(np.int64))
model = Gpt()
decayed = [p for p in model.parameters() if p.dim() > 1]
plain = [p for p in model.parameters() if p.dim() <= 1]
optimiser = torch.optim.AdamW([{"params": decayed, "weight_decay": 0.05}, {"params": plain, "weight_decay": 0.0}],
                              lr=RATE, betas=(0.9, 0.98))
schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=STEPS, pct_start=0.08)
for step in range(STEPS):
    window = text[torch.randint(0, len(text) - CONTEXT - 1, (BATCH, 1)) + torch.arange(CONTEXT + 1)]
    optimiser.zero_grad()
    loss = nn.functional.cross_entropy(model.all_logits(window[:, :-1]).reshape(-1, VOCABULARY),
                                       window[:, 1:].reshape(-1))
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimiser.step()
    schedule.step()
    if step % 200 == 199:
        print(f"step {step + 1}: {loss.item() / log(2):.3f} bits", flush=True)

model.eval()
print(f"{len(text)} bytes to train on, {len(held_back)} held back")
print(f"held back: {bits(model, held_back):.3f} bits per byte; counting: " +
      ", ".join(f"order {n} {counted_bits(train_bytes, test_bytes, n):.3f}" for n in range(7)))
for prompt in ("And God said, ", "In the ", "Blessed "):
    print("| " + generate(model, prompt, 240, 0.7).replace("\n", "\n| "))

samples = held_back[torch.linspace(0, len(held_back) - CONTEXT - 1, 64).long()[:, None] + torch.arange(CONTEXT)]
buffer = io.BytesIO()
torch.onnx.export(model, samples[:2], buffer, opset_version=17, input_names=["tokens"], output_names=["logits"],
                  dynamic_axes={"tokens": {0: "batch"}, "logits": {0: "batch"}})
with torch.no_grad():
    logits = model(samples).numpy()
onnx_file.save(".", onnx_file.describe(onnx.load_from_string(buffer.getvalue()), {
    "tokens": "the last 64 bytes of the text, oldest first; line ends (10) before a shorter one",
    "logits": "one score for each value of the next byte",
}), {"tokens": samples.numpy()}, {"logits": logits})
