import { describe, expect, test } from 'vitest';
import { readHttpSettings } from '../../src/http/http-settings.ts';
import { mayRetryError, pauseBefore } from '../../src/http/retry.ts';

const settings = readHttpSettings({});

describe('the pause before a retry', () => {
  test.each([
    [1, 0, 0],
    [2, 4000, 5000],
    [3, 8000, 9000],
    [7, 120_000, 120_000],
  ])('is, before number %i, from %i to %i ms', (retry, least, most) => {
    for (let time = 0; time < 20; time += 1) {
      const pauseMs = pauseBefore(retry, settings, undefined);
      expect(pauseMs).toBeGreaterThanOrEqual(least);
      expect(pauseMs).toBeLessThanOrEqual(most);
    }
  });

  test.each([
    ['3', 3000],
    ['0', 0],
    ['3600', 120_000],
    ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
    ['soon', 0],
  ])('is as long as Retry-After: %s asks for', (text, pauseMs) => {
    expect(pauseBefore(1, settings, text)).toBe(pauseMs);
  });

  test('pays no heed to Retry-After where that is set', () => {
    const own = readHttpSettings({ MLFLOW_HTTP_RESPECT_RETRY_AFTER_HEADER: 'false' });
    expect(pauseBefore(1, own, '3')).toBe(0);
  });
});

test.each([
  ['ECONNREFUSED', true, true],
  ['ENOTFOUND', true, true],
  ['UND_ERR_CONNECT_TIMEOUT', true, true],
  ['ECONNRESET', true, false],
  ['UND_ERR_HEADERS_TIMEOUT', true, false],
  ['SELF_SIGNED_CERT_IN_CHAIN', false, false],
  ['ERR_TLS_CERT_ALTNAME_INVALID', false, false],
])('after %s what may be done twice is done again (%s), and what may not (%s)', (code, twice, once) => {
  const error = Object.assign(new Error(code), { code });
  expect([mayRetryError(error, true), mayRetryError(error, false)]).toEqual([twice, once]);
  expect(mayRetryError(new TypeError('failed', { cause: error }), true)).toBe(twice);
});

test('settings that make no sense leave the defaults', () => {
  const odd = { MLFLOW_HTTP_REQUEST_TIMEOUT: 'soon', MLFLOW_HTTP_REQUEST_MAX_RETRIES: '99' };
  expect(readHttpSettings(odd)).toEqual(settings);
  expect(readHttpSettings({ MLFLOW_HTTP_REQUEST_TIMEOUT: '5' }).timeoutMs).toBe(5000);
});
