/** Codes of an alphabet: for each symbol the number of bits (0 for one that is not used), and the bits, last one first. */
export interface PrefixCode {
  readonly lengths: readonly number[];
  readonly bits: readonly number[];
}

/** Makes the shortest prefix code for symbols that occur so often, of at most `maxLength` bits a symbol. */
export function buildPrefixCode(counts: readonly number[], maxLength: number): PrefixCode {
  let weights = [...counts];
  let lengths = codeLengths(weights);
  while (Math.max(...lengths) > maxLength) {
    // Flatter counts make a flatter tree.
    weights = weights.map((count) => (count === 0 ? 0 : (count >> 1) + 1));
    lengths = codeLengths(weights);
  }
  return { lengths, bits: canonicalBits(lengths) };
}

interface Node {
  readonly weight: number;
  readonly symbols: readonly number[];
}

function codeLengths(counts: readonly number[]): number[] {
  const lengths = counts.map(() => 0);
  let nodes: Node[] = counts
    .map((weight, symbol) => ({ weight, symbols: [symbol] }))
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => a.weight - b.weight);
  while (nodes.length > 1) {
    const [first, second, ...rest] = nodes as [Node, Node, ...Node[]];
    const joined = { weight: first.weight + second.weight, symbols: [...first.symbols, ...second.symbols] };
    for (const symbol of joined.symbols) lengths[symbol] = (lengths[symbol] as number) + 1;
    const place = rest.findIndex(({ weight }) => weight > joined.weight);
    nodes = rest.toSpliced(place === -1 ? rest.length : place, 0, joined);
  }
  return lengths;
}

/** Codes in order of length, then symbol, counting up. */
function canonicalBits(lengths: readonly number[]): number[] {
  const bits = lengths.map(() => 0);
  let code = 0;
  for (let length = 1; length <= Math.max(...lengths); length++) {
    for (const [symbol, own] of lengths.entries()) {
      if (own === length) bits[symbol] = reverse(code++, length);
    }
    code <<= 1;
  }
  return bits;
}

function reverse(bits: number, length: number): number {
  let reversed = 0;
  for (let i = 0; i < length; i++) reversed |= ((bits >> i) & 1) << (length - 1 - i);
  return reversed;
}
