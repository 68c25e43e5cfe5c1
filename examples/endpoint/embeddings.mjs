const sizes = { 'text-embedding-3-large': 3072 };
const usualSize = 1536;
const placesPerWord = 4;

/**
 * Answers an embeddings request with vectors of length 1 that are made of hashed words: the same text always
 * has the same vector, and texts that share words are near each other. They stand in for a model's.
 */
export function embeddingsReply({ body, model }) {
  const size = body.dimensions ?? sizes[model] ?? usualSize;
  const inputs = toInputs(body.input).map(toWords);
  const tokens = inputs.reduce((count, words) => count + words.length, 0);
  const data = inputs.map((words, index) => {
    const vector = toVector(words, size);
    const embedding = body.encoding_format === 'base64' ? toBase64(vector) : Array.from(vector);
    return { object: 'embedding', index, embedding };
  });
  const usage = { prompt_tokens: tokens, total_tokens: tokens };
  return { body: { object: 'list', data, model, usage } };
}

function toInputs(input) {
  const isOne = typeof input === 'string' || typeof input?.[0] === 'number';
  return isOne ? [input] : (input ?? []);
}

function toWords(input) {
  if (Array.isArray(input)) return input.map(String);
  return input.toLowerCase().match(/\p{L}+|\p{N}+|[^\s\p{L}\p{N}]/gu) ?? [];
}

function toVector(words, size) {
  const sums = new Float32Array(size);
  for (const word of words) {
    for (let place = 0; place < placesPerWord; place++) {
      const hash = hashOf(`${place}${word}`);
      sums[hash % size] += hash & 0x10000 ? 1 : -1;
    }
  }
  const length = Math.hypot(...sums) || 1;
  return sums.map((sum) => sum / length);
}

/** FNV-1a, 32 bits. */
function hashOf(text) {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0;
  }
  return hash;
}

function toBase64(vector) {
  return Buffer.from(vector.buffer).toString('base64');
}
