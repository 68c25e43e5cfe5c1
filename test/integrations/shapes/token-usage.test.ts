import { expect, it } from 'vitest';
import { toTokenUsage } from '../../../integrations/shapes/token-usage.ts';

it.each<[string, unknown, unknown]>([
  [
    'a chat completion',
    {
      prompt_tokens: 11,
      completion_tokens: 7,
      total_tokens: 18,
      prompt_tokens_details: { cached_tokens: 3, cache_write_tokens: 4 },
      completion_tokens_details: { reasoning_tokens: 2 },
    },
    {
      input_tokens: 11,
      output_tokens: 7,
      total_tokens: 18,
      cache_read_input_tokens: 3,
      cache_creation_input_tokens: 4,
      reasoning_output_tokens: 2,
    },
  ],
  [
    'a response',
    {
      input_tokens: 5,
      output_tokens: 6,
      total_tokens: 11,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens_details: { reasoning_tokens: 1 },
    },
    {
      input_tokens: 5,
      output_tokens: 6,
      total_tokens: 11,
      cache_read_input_tokens: 0,
      reasoning_output_tokens: 1,
    },
  ],
  ['embeddings', { prompt_tokens: 4, total_tokens: 4 }, { input_tokens: 4, output_tokens: 0, total_tokens: 4 }],
  [
    'a reply without total',
    { prompt_tokens: 4, completion_tokens: 2 },
    { input_tokens: 4, output_tokens: 2, total_tokens: 6 },
  ],
  [
    'details that are null',
    { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2, prompt_tokens_details: null },
    { input_tokens: 1, output_tokens: 1, total_tokens: 2 },
  ],
  ['nothing', undefined, undefined],
  ['null', null, undefined],
  ['an empty object', {}, undefined],
  ['texts for numbers', { prompt_tokens: '4', total_tokens: Number.NaN }, undefined],
])('counts the tokens of %s', (_, usage, expected) => {
  expect(toTokenUsage(usage)).toEqual(expected);
});
