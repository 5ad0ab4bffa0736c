// Takes every mail that it is given and sends none: each becomes a file that a mail program opens.
import { createWriteStream } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { SMTPServer } from 'smtp-server';

export interface MailCatcher {
  close(): Promise<void>;
}

export interface MailCatcherOptions {
  readonly port: number;
  readonly host: string;
  /** Where mails are put: `<moment>-<number>.eml`. */
  readonly folder: string;
}

export async function startMailCatcher({ port, host, folder }: MailCatcherOptions): Promise<MailCatcher> {
  await mkdir(folder, { recursive: true });
  let taken = 0;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, _session, done) {
      taken += 1;
      const file = join(folder, `${new Date().toISOString().replaceAll(':', '-')}-${taken}.eml`);
      // Under its name it is whole.
      pipeline(stream, createWriteStream(`${file}.part`))
        .then(() => rename(`${file}.part`, file))
        .then(
          () => done(),
          (error: Error) => done(error),
        );
    },
  });
  // A client that hangs up in the middle concerns nobody else.
  server.on('error', () => {});
  await new Promise<void>((resolve, reject) => {
    server.server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return { close: () => new Promise((resolve) => server.close(() => resolve())) };
}
