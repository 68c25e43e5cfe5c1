import { describe, expect, it } from 'vitest';
import type { LogRecord } from '../../src/store/log-record.ts';
import { RecentRecords } from '../../src/tracking/delivery/recent-records.ts';

const metric = (step: number): LogRecord => ({
  op: 'metric',
  runId: 'r',
  key: 'loss',
  value: 1,
  timestamp: 0,
  step,
});

function recentOf(count: number, sizeBytes = 100): RecentRecords {
  const recent = new RecentRecords();
  for (let step = 0; step < count; step++) recent.add([metric(step)], step * sizeBytes, (step + 1) * sizeBytes);
  return recent;
}

describe('recent records', () => {
  it('are given from a position on, up to a number of bytes, and again as long as the position stays', () => {
    const recent = recentOf(5);
    expect(recent.read(100, { maxBytes: 250 })).toEqual({ records: [metric(1), metric(2)], end: 300 });
    expect(recent.read(100, { maxBytes: 250 })).toEqual({ records: [metric(1), metric(2)], end: 300 });
    expect(recent.read(300, {})).toEqual({ records: [metric(3), metric(4)], end: 500 });
  });

  it('are given at least one at a time', () => {
    expect(recentOf(2).read(0, { maxBytes: 1 })).toEqual({ records: [metric(0)], end: 100 });
  });

  it('that were written at once are given at once', () => {
    const recent = new RecentRecords();
    recent.add([metric(0), metric(1)], 0, 200);
    expect(recent.read(0, { maxBytes: 100 })).toEqual({ records: [metric(0), metric(1)], end: 200 });
  });

  it('are told with the position after them', () => {
    const told: [LogRecord, number][] = [];
    recentOf(2).read(0, { onRecord: (record, end) => told.push([record, end]) });
    expect(told).toEqual([
      [metric(0), 100],
      [metric(1), 200],
    ]);
  });

  it('leave to the journal what they do not begin with', () => {
    const recent = recentOf(3);
    expect(recent.read(50, {})).toBeNull();
    expect(recent.read(300, {})).toBeNull();
    expect(new RecentRecords().read(0, {})).toBeNull();
  });

  it('leave to the journal what lies before a gap, and before records that others may change', () => {
    const gap = recentOf(1);
    gap.add([metric(9)], 500, 600);
    expect(gap.read(0, {})).toBeNull();
    expect(gap.read(500, {})).toEqual({ records: [metric(9)], end: 600 });
    const tag = recentOf(1);
    tag.add([{ op: 'tag', runId: 'r', key: 'k', value: 'v' }], 100, 200);
    tag.add([metric(2)], 200, 300);
    expect(tag.read(0, {})).toBeNull();
    expect(tag.read(100, {})).toBeNull();
    expect(tag.read(200, {})).toEqual({ records: [metric(2)], end: 300 });
  });

  it('take at most half a mebibyte', () => {
    const recent = recentOf(6, 100 * 1024);
    expect(recent.read(0, {})).toBeNull();
    expect(recent.read(500 * 1024, {})).toEqual({ records: [metric(5)], end: 600 * 1024 });
  });
});
