// The judge of fault runs: an even delivery has no faults, and each kind of fault is found.
import { describe, expect, test } from '@jest/globals';
import type { Listener, LoggedChange } from './judge.ts';
import { judge } from './judge.ts';

const [ward, otherWard] = ['ward', 'other ward'];
/** Every third change is of the other ward. */
const log: LoggedChange[] = Array.from({ length: 12 }, (_, index) => ({
  position: BigInt(index + 1),
  documentId: `document-${index}`,
  creatorId: `patient-${index % 2}`,
  groupIds: [index % 3 === 2 ? otherWard : ward],
}));

const deliver = (positions: readonly number[]) =>
  positions.map((position) => ({
    position: BigInt(position),
    kind: 'CREATED',
    documentId: `document-${position - 1}`,
  }));
const nurse = (positions: readonly number[], changes: Partial<Listener> = {}): Listener => ({
  userId: 'nurse',
  everything: false,
  groups: [{ groupId: ward, from: 0n, until: undefined }],
  after: 0n,
  received: deliver(positions),
  ...changes,
});
const ofWard = [1, 2, 4, 5, 7, 8, 10, 11];
const none = { lost: 0, duplicated: 0, outOfOrder: 0, forbidden: 0 };

describe('a listener', () => {
  test.each([
    ['lacks one', ofWard.slice(1), { ...none, lost: 1 }],
    ['got one twice', [...ofWard, 11], { ...none, duplicated: 1 }],
    ['got one late', [2, 1, ...ofWard.slice(2)], { ...none, outOfOrder: 1 }],
    ['got one of another ward', [1, 2, 3, ...ofWard.slice(2)], { ...none, forbidden: 1 }],
    ['got everything once', ofWard, none],
  ])('who %s', (_, positions, faults) => {
    expect(judge(log, [nurse(positions)])).toEqual({ delivered: positions.length, ...faults });
  });

  test('who got what is not in the log, or another document under its position', () => {
    const [first, ...rest] = deliver(ofWard);
    const swapped = nurse([], { received: [{ ...deliver([1])[0], documentId: 'another' } as never, ...rest] });
    expect(judge(log, [swapped]).forbidden).toBe(1);
    const invented = nurse([], { received: [first as never, ...rest, ...deliver([99])] });
    expect(judge(log, [invented]).forbidden).toBe(1);
  });

  test('who began later is owed what comes behind that only', () => {
    expect(judge(log, [nurse([7, 8, 10, 11], { after: 6n })])).toMatchObject(none);
    expect(judge(log, [nurse([5, 7, 8, 10, 11], { after: 6n })])).toMatchObject({ forbidden: 1 });
  });

  test('who left the ward may have what came before, and nothing behind that', () => {
    const left = (positions: number[]) =>
      judge(log, [nurse(positions, { groups: [{ groupId: ward, from: 0n, until: 5n }] })]);
    expect(left([1, 2])).toMatchObject(none);
    expect(left([1, 2, 4, 5])).toMatchObject(none);
    expect(left([1, 2, 7])).toMatchObject({ ...none, forbidden: 1 });
  });

  test('who came later is owed what comes behind that, and may have what came before', () => {
    const came = (positions: number[]) =>
      judge(log, [nurse(positions, { groups: [{ groupId: ward, from: 5n, until: undefined }] })]);
    expect(came([7, 8, 10, 11])).toMatchObject(none);
    expect(came([4, 7, 8, 10, 11])).toMatchObject(none);
    expect(came([7, 8, 10])).toMatchObject({ ...none, lost: 1 });
  });

  test('who may see everything, and who sees their own', () => {
    expect(judge(log, [nurse(ofWard, { everything: true })])).toMatchObject({ ...none, lost: 4 });
    const patient = nurse([1, 3, 5, 7, 9, 11], { userId: 'patient-0', groups: [] });
    expect(judge(log, [patient])).toMatchObject(none);
  });
});
