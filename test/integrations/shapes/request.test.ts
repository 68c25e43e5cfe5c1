import { expect, it } from 'vitest';
import { requestAttributes, withoutGetters } from '../../../integrations/shapes/request.ts';

it.each<[string, object, string | undefined]>([
  ['OpenAI', { baseURL: 'https://api.openai.com/v1' }, 'openai'],
  ['OpenAI in Europe', { baseURL: 'https://eu.api.openai.com/v1' }, 'openai'],
  [
    'a host that only looks like it',
    { baseURL: 'https://notapi.openai.com.example/v1' },
    'notapi.openai.com.example',
  ],
  ['Azure', { baseURL: 'https://mine.openai.azure.com/openai/v1' }, 'azure'],
  ['Azure behind a gateway', { baseURL: 'https://gateway.example/openai', apiVersion: '2024-10-21' }, 'azure'],
  ['another host', { baseURL: 'http://localhost:11434/v1' }, 'localhost'],
  ['no address', { baseURL: '' }, undefined],
  ['a client of another kind', {}, undefined],
])('names the provider: %s', (_, client, provider) => {
  expect(requestAttributes({}, client)).toMatchObject({ 'mlflow.llm.provider': provider });
});

it('has the plain settings, and not the conversation', () => {
  const body = {
    model: 'm',
    temperature: 0,
    stream: true,
    seed: 7,
    prompt: 'x',
    instructions: 'y',
    stop: ['z'],
    user: null,
  };
  expect(requestAttributes(body, undefined)).toEqual({
    model: 'm',
    temperature: 0,
    stream: true,
    seed: 7,
    'mlflow.message.format': 'openai',
    'mlflow.llm.model': 'm',
  });
});

it.each([undefined, null, 'text', []])('takes a body that is %o', (body) => {
  expect(requestAttributes(body, undefined)).toEqual({ 'mlflow.message.format': 'openai' });
});

it('leaves getters alone, which the library reads itself', () => {
  let readCount = 0;
  const body = {
    model: 'm',
    get temperature() {
      readCount += 1;
      return 0;
    },
  };
  expect(withoutGetters(body)).toEqual({ model: 'm', temperature: '[getter]' });
  expect(readCount).toBe(0);
  const plain = { model: 'm' };
  expect(withoutGetters(plain)).toBe(plain);
});
