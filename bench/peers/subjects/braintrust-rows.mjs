/** Logs into a project; with `keep` into its logger for tests, from which rows can be read. */
export function startLogger(braintrust, { sinkUrl, keep }) {
  if (!keep) {
    braintrust.initLogger({ projectName: 'bench', apiKey: 'key', appUrl: sinkUrl });
    return { flush: () => braintrust.flush(), spans: () => [] };
  }
  const { useTestBackgroundLogger, simulateLoginForTests } = braintrust._exportsForTestingOnly;
  const rows = new Map();
  const signedIn = simulateLoginForTests();
  const background = useTestBackgroundLogger();
  braintrust.initLogger({ projectName: 'bench', projectId: 'project' });

  async function collect() {
    await signedIn;
    for (const row of await background.drain()) rows.set(row.span_id, merge(rows.get(row.span_id) ?? {}, row));
  }
  return { flush: collect, spans: () => [...rows].map(toPlain) };
}

function merge(before, row) {
  const both = { ...before, ...row };
  for (const key of ['metrics', 'span_attributes', 'metadata']) both[key] = { ...before[key], ...row[key] };
  return both;
}

function toPlain([id, row]) {
  const { input, output, metadata, metrics, error } = row;
  return {
    id,
    parentId: row.span_parents?.[0] ?? null,
    name: row.span_attributes?.name ?? '',
    isEnded: row.metrics?.end !== undefined,
    isError: error !== undefined && error !== null,
    data: JSON.stringify({ input, output, metadata, metrics, error: error && String(error) }),
  };
}
