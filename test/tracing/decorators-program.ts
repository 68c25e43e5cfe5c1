/** Traces methods by decorators, which a compiler has to turn into calls; prints what is recorded. */
import type { SpanRecord } from '../../src/store/log-record.ts';
import { trace } from '../../src/tracing/trace-function.ts';
import { connectTracing } from '../../src/tracing/tracer.ts';

const spans: SpanRecord[] = [];
connectTracing(() => ({
  sink: { append: (record) => void (record.op === 'span' && spans.push(record)) },
  experiment: { id: '0' },
  metadata: {},
}));

class Agent {
  readonly name = 'ann';

  @trace({ type: 'AGENT' })
  answer(question: string): string {
    return `${this.name}: ${question}`;
  }

  @trace({ name: 'make' })
  static create(): Agent {
    return new Agent();
  }

  @trace
  async *count(to: number): AsyncGenerator<number> {
    for (let each = 1; each <= to; each++) yield each;
  }
}

const agent = Agent.create();
const answer = agent.answer('why');
const counted: number[] = [];
for await (const each of agent.count(2)) counted.push(each);

const names = spans.map(({ name, attributes }) => [name, attributes['mlflow.spanType']]);
process.stdout.write(JSON.stringify({ answer, counted, names }));
