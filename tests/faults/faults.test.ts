// The short run of faults: every part of a cluster is killed at work, and nobody notices but by a delay.
import { expect, test } from '@jest/globals';
import { describeOnServers } from '../support/describe-on-servers.ts';
import { runFaults } from './run-faults.ts';

describeOnServers('a cluster whose parts are killed in turn', ['postgres', 'redis'], () => {
  test('loses nothing, delivers nothing twice, late, or to who may not see it', async () => {
    const said: string[] = [];
    const { written, delivered, ...faults } = await runFaults({ kills: 7, seed: 7, say: (line) => said.push(line) });
    expect({ ...faults, said }).toEqual({ kills: 7, lost: 0, duplicated: 0, outOfOrder: 0, forbidden: 0, said });
    expect(written).toBeGreaterThan(20);
    expect(delivered).toBeGreaterThan(written);
  }, 600_000);
});
