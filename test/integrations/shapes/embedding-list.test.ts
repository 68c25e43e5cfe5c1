import { expect, it } from 'vitest';
import { embeddingResult } from '../../../integrations/shapes/embedding-list.ts';

const values = Array.from({ length: 100 }, (_, at) => at / 4);
const base64 = Buffer.from(Float32Array.from(values).buffer).toString('base64');

it.each([
  ['numbers', values],
  ['32-bit floats', Float32Array.from(values)],
  ['base64', base64],
])('keeps the size and first values of %s', (_, embedding) => {
  const reply = {
    object: 'list',
    model: 'm',
    data: [{ index: 0, embedding }],
    usage: { prompt_tokens: 2, total_tokens: 2 },
  };
  expect(embeddingResult(reply)).toEqual({
    outputs: {
      object: 'list',
      model: 'm',
      usage: reply.usage,
      count: 1,
      dimensions: 100,
      data: [{ index: 0, first_values: values.slice(0, 8) }],
    },
    usage: { input_tokens: 2, output_tokens: 0, total_tokens: 2 },
    attributes: { 'mlflow.llm.model': 'm' },
  });
});

it('keeps 20 of many vectors', () => {
  const data = Array.from({ length: 500 }, (_, index) => ({ index, embedding: values }));
  expect(embeddingResult({ data }).outputs).toMatchObject({ count: 500, data: { length: 20 } });
});

it.each([
  null,
  'x',
  [],
  { data: null },
  { data: [{}] },
  { data: [{ embedding: null }] },
  { data: [{ embedding: [1] }] },
])('takes a reply that is %o', (reply) => {
  expect(() => embeddingResult(reply)).not.toThrow();
});
