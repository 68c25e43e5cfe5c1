/** What the parent asks a child process to do; goes as JSON in its last argument. */
export interface Order {
  readonly suite: string;
  readonly subject: string;
  readonly loading: 'require' | 'import';
  /** Folder from which the library is loaded. */
  readonly root: string;
  /** Packages that are installed under another name: `{ openai: 'openai-6' }`. */
  readonly aliases: Readonly<Record<string, string>>;
  readonly titles: readonly string[];
  readonly isAlone: boolean;
  /** Where observations go, one a line. */
  readonly resultFile: string;
  readonly sinkUrl: string;
  readonly env: Readonly<Record<string, string>>;
}
