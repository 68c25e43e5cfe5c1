/** Who or what made an assessment. */
export interface AssessmentSource {
  readonly sourceType: 'HUMAN' | 'LLM_JUDGE' | 'CODE' | 'SOURCE_TYPE_UNSPECIFIED';
  /** Name of the person, model or function. */
  readonly sourceId: string;
}

/** Why an assessment could not be made. */
export interface AssessmentError {
  readonly errorCode: string;
  readonly errorMessage: string | null;
  readonly stackTrace: string | null;
}

/** What an assessment says: a judgement of what was done, what should have been done, or a link to an issue. */
export type AssessmentKind = 'feedback' | 'expectation' | 'issue';

/** A judgement of a trace, or of one of its spans, by a person, a model or a program. */
export interface Assessment {
  /** `a-` and 32 hexadecimal digits. */
  readonly assessmentId: string;
  readonly traceId: string;
  /** 16 hexadecimal digits; null for one of the whole trace. */
  readonly spanId: string | null;
  readonly kind: AssessmentKind;
  readonly name: string;
  /** Plain JSON data; null where there is only an error. */
  readonly value: unknown;
  readonly error: AssessmentError | null;
  readonly source: AssessmentSource;
  /** Why the value is what it is. */
  readonly rationale: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  /** Milliseconds since the Unix epoch. */
  readonly createTime: number;
  /** Milliseconds since the Unix epoch. */
  readonly lastUpdateTime: number;
  /** Id of the assessment that this one takes the place of. */
  readonly overrides: string | null;
  /** False once another one has taken its place. */
  readonly isValid: boolean;
}
