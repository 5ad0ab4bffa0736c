// `npm run audit:verify`: whether the access log is as it was written. Exit code 1 when it is not, 2 when it could not be looked at.
import { readConfig } from '../../platform/config.ts';
import { databaseOn } from '../../platform/database/open-database.ts';
import { keepServiceSecret } from '../../platform/service-secret.ts';
import { runProgram, StartError } from '../../platform/start-error.ts';
import { createChain } from '../../subgraphs/events/access-log/chain.ts';
import type { AccessLogTable } from '../../subgraphs/events/access-log/store.ts';
import { verifyChain } from '../../subgraphs/events/access-log/verify-chain.ts';
import { connectToData } from './connect-to-data.ts';
import { readAnchor } from './read-anchor.ts';

const usage = `Usage: npm run audit:verify [-- SEQUENCE:HASH]

  SEQUENCE:HASH  what an earlier verification printed last: that entry must still be there, and be the same

It reads what the program reads: DATABASE_URL or DATA_DIR, and SERVICE_SECRET.`;

process.exitCode = 2;
await runProgram(async () => {
  const [given, ...more] = process.argv.slice(2);
  const anchor = given === undefined ? undefined : readAnchor(given);
  if (more.length > 0 || (given !== undefined && anchor === undefined)) throw new StartError(usage);
  const config = readConfig(process.env);
  const connection = await connectToData(config);
  const database = databaseOn(connection, () => undefined);
  try {
    const chain = createChain(config.serviceSecret ?? (await keepServiceSecret(config.dataDir)));
    const { db } = database.forService<AccessLogTable>('events');
    const { entries, faults, anchor: newest } = await verifyChain(db, chain, anchor);
    for (const fault of faults) process.stdout.write(`${fault}\n`);
    const verdict = faults.length === 0 ? 'The access log is as it was written' : 'The access log was TAMPERED WITH';
    process.stdout.write(`${verdict}: ${entries} entries were verified.\n`);
    if (newest !== undefined) {
      process.stdout.write(
        'Keep this elsewhere and give it to the next verification; an end that was cut off shows then, too:\n',
      );
      process.stdout.write(`${newest.sequence}:${newest.hash}\n`);
    }
    process.exitCode = faults.length === 0 ? 0 : 1;
  } finally {
    await database.close();
  }
});
