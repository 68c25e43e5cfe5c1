import { afterAll, beforeAll, describe } from 'vitest';
import { testAssessments } from './cases/assessments.ts';
import { testClient } from './cases/client.ts';
import { testConcurrency } from './cases/concurrency.ts';
import { testDatasets } from './cases/datasets.ts';
import { testDelivery } from './cases/delivery.ts';
import { testExperiments } from './cases/experiments.ts';
import { testGarbage } from './cases/garbage.ts';
import { testLoggedModels } from './cases/logged-models.ts';
import { testMetrics } from './cases/metrics.ts';
import { testParamsAndTags } from './cases/params-tags.ts';
import { testRuns } from './cases/runs.ts';
import { testTraces } from './cases/traces.ts';
import { type BackEnd, Subject } from './subject.ts';

/** What cases need: the store when they run, and what their titles say when they do not. */
export interface Cases {
  subject(): Subject;
  readonly backEnd: BackEnd;
}

/** Tests the contract of tracking stores on a back end; every back end passes the same cases. */
export function testTrackingStore(backEnd: BackEnd): void {
  let opened: Subject | undefined;
  beforeAll(async () => {
    opened = new Subject(await backEnd.open());
  }, 180_000);
  afterAll(async () => {
    await opened?.store.close();
    await backEnd.close?.();
  });
  const cases: Cases = {
    backEnd,
    subject: () => {
      if (opened === undefined) throw new Error(`The store of ${backEnd.name} is not open.`);
      return opened;
    },
  };
  describe('experiments', () => testExperiments(cases));
  describe('runs', () => testRuns(cases));
  describe('params and tags', () => testParamsAndTags(cases));
  describe('metrics', () => testMetrics(cases));
  describe('datasets', () => testDatasets(cases));
  describe('logged models', () => testLoggedModels(cases));
  describe('traces', () => testTraces(cases));
  describe('assessments', () => testAssessments(cases));
  describe('delivery', () => testDelivery(cases));
  describe('writers at once', () => testConcurrency(cases));
  describe('the client', () => testClient(cases));
  describe('garbage', () => testGarbage(cases));
}
