// The cluster's stand-in for a mail server, as a process: node dist/operations/mail-catcher/main.js PORT FOLDER
import { startMailCatcher } from './start-mail-catcher.ts';

const [port, folder] = process.argv.slice(2);
const catcher = await startMailCatcher({ port: Number(port), host: '127.0.0.1', folder: folder ?? 'mails' });
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => void catcher.close().then(() => process.exit(0)));
}
