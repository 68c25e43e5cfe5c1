import { describe, expect, it } from 'vitest';
import { toChatTools, withoutSecrets } from '../../../integrations/shapes/chat-tools.ts';

const parameters = { type: 'object', properties: {} };

describe('the tools of a request', () => {
  it.each<[string, unknown, unknown]>([
    [
      'chat completions',
      { tools: [{ type: 'function', function: { name: 'f', description: 'd', parameters, strict: true } }] },
      [{ name: 'f', description: 'd', parameters, strict: true }],
    ],
    [
      'responses',
      { tools: [{ type: 'function', name: 'f', parameters, strict: null }] },
      [{ name: 'f', parameters, strict: null }],
    ],
    ['built-in tools', { tools: [{ type: 'web_search', filters: {} }] }, [{ name: 'web_search' }]],
    [
      'custom tools',
      { tools: [{ type: 'custom', custom: { name: 'c', description: 'd' } }] },
      [{ name: 'c', description: 'd' }],
    ],
    ['legacy functions', { functions: [{ name: 'f', parameters }] }, [{ name: 'f', parameters }]],
    [
      'runTools',
      { tools: [{ type: 'function', function: { name: 'f', parameters, parse: JSON.parse, function: () => 1 } }] },
      [{ name: 'f', parameters }],
    ],
    ['tools without a name', { tools: [{}] }, [{ name: 'unknown' }]],
  ])('have one form: %s', (_, body, functions) => {
    expect(toChatTools(body)).toEqual((functions as object[]).map((fn) => ({ type: 'function', function: fn })));
  });

  it.each([undefined, null, 'x', {}, { tools: [] }, { tools: null }, { tools: [null, 'x'] }])(
    'are none in %o',
    (body) => {
      expect(toChatTools(body)).toBeUndefined();
    },
  );
});

describe('a request without secrets', () => {
  it('lacks what MCP servers and containers are given', () => {
    const body = {
      model: 'm',
      tools: [
        { type: 'mcp', server_label: 's', authorization: 'secret', headers: { key: 'secret' } },
        {
          type: 'code_interpreter',
          container: {
            type: 'auto',
            network_policy: { type: 'allowlist', domain_secrets: [{ value: 'secret' }] },
          },
        },
        { type: 'function', name: 'f', parameters: { properties: { headers: { type: 'object' } } } },
      ],
    };
    const before = structuredClone(body);
    const without = withoutSecrets(body);
    expect(JSON.stringify(without)).not.toContain('"secret"');
    expect(without).toMatchObject({
      model: 'm',
      tools: [{ server_label: 's' }, { container: { type: 'auto' } }, body.tools[2]],
    });
    expect(body).toEqual(before);
  });

  it.each([undefined, 'x', { model: 'm' }, { tools: 'x' }])('is itself when it has none: %o', (body) => {
    expect(withoutSecrets(body)).toBe(body);
  });
});
