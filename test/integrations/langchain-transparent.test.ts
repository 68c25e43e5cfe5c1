import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openRunCount } from '../../integrations/langchain/open-runs.ts';
import { callbackCases } from '../transparency/cases/langchain/callbacks.ts';
import { graphCases } from '../transparency/cases/langchain/graphs.ts';
import { type LangChainCase, toText } from '../transparency/cases/langchain/library.ts';
import { modelCases } from '../transparency/cases/langchain/models.ts';
import { runnableCases } from '../transparency/cases/langchain/runnables.ts';
import { copyNames, type LangChainCopy, loadCopy, recordSpans } from './langchain-setup.ts';

const recorded = recordSpans();

/** What is dropped is recorded when it is collected, in the midst of other cases: it has a process of its own elsewhere. */
const ofCore = [...modelCases, ...runnableCases, ...callbackCases].filter(({ isDropped }) => !isDropped);

describe.each([...copyNames.map((name) => [name, ofCore] as const), ['langgraph', graphCases] as const])(
  '%s behaves as without us',
  (name, cases) => {
    let copy: LangChainCopy;
    let undo = (): void => undefined;

    beforeAll(async () => {
      copy = await loadCopy(name === 'langgraph' ? 'core 1.x imported' : name);
    });

    afterEach(() => undo());

    it.each(cases.map((each) => [each.title, each] as const))('when %s', async (_title, { run, spans }) => {
      const natively = toText(await run(copy));
      undo = copy.patch();
      recorded.clear();
      const openBefore = openRunCount();
      expect(toText(await run(copy))).toBe(natively);
      await expectSpans(spans);
      expect(openRunCount()).toBe(openBefore);
    });
  },
);

async function expectSpans(spans: LangChainCase['spans']): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 5));
  // Langgraph puts runnables of its own between nodes.
  const tree = recorded.tree().filter((line) => !/^ +Runnable/.test(line) || spans.includes(line));
  expect(tree.sort()).toEqual([...spans].sort());
}
