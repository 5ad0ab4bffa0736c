// The settings of the file service: who sees and changes them, and what they may be.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '../../../platform/ids.ts';
import { fileQuestions, updateFileSettingsMutation } from '../../../tests/support/file-questions.ts';
import { type FileService, type Person, startFileService } from '../../../tests/support/file-service.ts';
import { createSettingsStore } from './settings-store.ts';

let files: FileService;
const { ask, refusal } = fileQuestions(() => files);
beforeAll(async () => {
  files = await startFileService();
});
afterAll(() => files.close());

const operator: Person = {
  userId: newId(),
  permissions: ['VIEW_FILE_SERVICE_SETTINGS', 'UPDATE_FILE_SERVICE_SETTINGS'],
};
const stranger: Person = { userId: newId() };
const query = `{ fileSettings {
  disableForceDownloadForMimeTypes anonymousTokens maximumFileBytes maximumBytesPerUser
  applicationLimits { applicationId maximumFileBytes maximumBytes }
} }`;
const read = async () => (await ask(operator, query)).fileSettings;
const update = async (input: Record<string, unknown>) =>
  (await ask(operator, updateFileSettingsMutation, { input })).updateFileSettings.settings;
const refused = (input: Record<string, unknown>, viewer: Partial<Person> = operator) =>
  refusal(viewer, updateFileSettingsMutation, { input });
const updates = async () => (await files.graph.readLog()).filter(({ type }) => type === 'file_settings_updated');

describe('the settings', () => {
  test('are for who holds the permissions', async () => {
    expect(await refusal({}, query)).toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(await refusal(stranger, query)).toMatchObject({ code: 'FORBIDDEN' });
    expect(await refused({ anonymousTokens: true }, {})).toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(await refused({ anonymousTokens: true }, stranger)).toMatchObject({ code: 'FORBIDDEN' });
    const onlyViews = { ...stranger, permissions: ['VIEW_FILE_SERVICE_SETTINGS'] };
    expect(await refused({ anonymousTokens: true }, onlyViews)).toMatchObject({ code: 'FORBIDDEN' });
    expect((await read()).anonymousTokens).toBe(false);
  });

  const applicationId = newId();
  test.each([
    ['disableForceDownloadForMimeTypes.0', { disableForceDownloadForMimeTypes: ['image/*'] }],
    ['disableForceDownloadForMimeTypes.1', { disableForceDownloadForMimeTypes: ['*/*', 'nonsense'] }],
    ['disableForceDownloadForMimeTypes.0', { disableForceDownloadForMimeTypes: [`text/${'x'.repeat(300)}`] }],
    ['disableForceDownloadForMimeTypes.0', { disableForceDownloadForMimeTypes: ['text/html; charset=utf-8'] }],
    [
      'disableForceDownloadForMimeTypes',
      { disableForceDownloadForMimeTypes: Array.from({ length: 101 }, (_, index) => `image/x-${index}`) },
    ],
    ['maximumFileBytes', { maximumFileBytes: 0 }],
    ['maximumBytesPerUser', { maximumBytesPerUser: 0 }],
    ['applicationLimits.0.applicationId', { applicationLimits: [{ applicationId: 'x' }] }],
    [
      'applicationLimits.1.applicationId',
      { applicationLimits: [{ applicationId }, { applicationId: applicationId.toUpperCase() }] },
    ],
    ['applicationLimits.0.maximumFileBytes', { applicationLimits: [{ applicationId, maximumFileBytes: 0 }] }],
    ['applicationLimits.0.maximumBytes', { applicationLimits: [{ applicationId, maximumBytes: 0 }] }],
    ['applicationLimits', { applicationLimits: Array.from({ length: 1_001 }, () => ({ applicationId: newId() })) }],
  ])('are not changed when %s is not valid', async (field, input) => {
    const answer = await refused({ anonymousTokens: true, ...input });
    expect(answer).toMatchObject({ code: 'BAD_USER_INPUT', field: `input.${field}` });
    expect((await read()).anonymousTokens).toBe(false);
  });

  test('take no fractions and no negative numbers', async () => {
    for (const maximumFileBytes of [1.5, -1, 2 ** 53]) {
      expect((await refused({ maximumFileBytes })).code).not.toBe('no error');
    }
    expect((await read()).maximumFileBytes).toBeNull();
  });

  test('change where something is given; null takes a limit away; and each change is an event', async () => {
    const unset = {
      disableForceDownloadForMimeTypes: [],
      anonymousTokens: false,
      maximumFileBytes: null,
      maximumBytesPerUser: null,
      applicationLimits: [],
    };
    expect(await read()).toEqual(unset);
    expect(await update({})).toEqual(unset);
    expect(await updates()).toEqual([]);

    const types = ['application/pdf', 'Image/PNG', 'image/png', '*/*'];
    const limits = [
      { applicationId, maximumFileBytes: 5, maximumBytes: 2 ** 53 - 1 },
      { applicationId: newId(), maximumFileBytes: null, maximumBytes: null },
    ];
    const set = {
      disableForceDownloadForMimeTypes: ['application/pdf', 'image/png', '*/*'],
      anonymousTokens: true,
      maximumFileBytes: 2 ** 53 - 1,
      maximumBytesPerUser: 1,
      applicationLimits: limits,
    };
    expect(await update({ ...set, disableForceDownloadForMimeTypes: types })).toEqual(set);
    expect(await read()).toEqual(set);
    const nothing = { disableForceDownloadForMimeTypes: null, anonymousTokens: null, applicationLimits: null };
    expect(await update(nothing)).toEqual(set);
    const less = { ...set, maximumFileBytes: null, maximumBytesPerUser: null };
    expect(await update({ maximumFileBytes: null, maximumBytesPerUser: null })).toEqual(less);
    expect(await update({ disableForceDownloadForMimeTypes: [], applicationLimits: [] })).toEqual({
      ...less,
      disableForceDownloadForMimeTypes: [],
      applicationLimits: [],
    });
    expect((await updates()).map(({ content }) => content)).toEqual([
      { changed: Object.keys(set) },
      { changed: ['maximumFileBytes', 'maximumBytesPerUser'] },
      { changed: ['disableForceDownloadForMimeTypes', 'applicationLimits'] },
    ]);
  });

  test('of an application stand before those for all', async () => {
    const [strict, loose] = [newId(), newId()];
    await update({
      maximumFileBytes: 100,
      maximumBytesPerUser: 1_000,
      applicationLimits: [
        { applicationId: strict, maximumFileBytes: 10, maximumBytes: 50 },
        { applicationId: loose, maximumFileBytes: null },
      ],
    });
    const { limitsFor } = createSettingsStore(files.graph.database);
    const forAll = { maximumFileBytes: 100, maximumBytesPerUser: 1_000, maximumBytesPerApplication: null };
    for (const application of [null, undefined, newId(), loose]) expect(await limitsFor(application)).toEqual(forAll);
    const own = { ...forAll, maximumFileBytes: 10, maximumBytesPerApplication: 50 };
    expect(await limitsFor(strict)).toEqual(own);
  });
});
