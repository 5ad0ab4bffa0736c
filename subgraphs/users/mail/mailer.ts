// Hands mail over: to an SMTP server, or to the outbox where none is configured.

export interface Mail {
  /** The same for a repetition, so that a server or reader can tell. */
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

export interface Mailer {
  /** Resolves when the mail was taken; rejects when it should be tried again. */
  send(mail: Mail): Promise<void>;
  close(): Promise<void>;
}
