// Changes what operators decide about files: all that is given, or nothing.
import { invalidInput } from '../../../platform/errors.ts';
import { requireId } from '../../../platform/ids.ts';
import { requireMimeType } from '../file-input.ts';
import type { ApplicationFileLimit, FileSettingsModel } from '../models.ts';
import type { SettingsChanges, SettingsStore } from './settings-store.ts';

export interface UpdateFileSettingsInput {
  readonly disableForceDownloadForMimeTypes?: readonly string[] | null;
  readonly anonymousTokens?: boolean | null;
  /** Null takes it away. */
  readonly maximumFileBytes?: number | null;
  /** Null takes it away. */
  readonly maximumBytesPerUser?: number | null;
  readonly applicationLimits?: readonly ApplicationFileLimit[] | null;
}

const mostMimeTypes = 100;
const mostApplications = 1_000;
const everyType = '*/*';

/** The settings as they are then. BAD_USER_INPUT names the field at fault. */
export async function updateFileSettings(
  input: UpdateFileSettingsInput,
  settings: SettingsStore,
): Promise<FileSettingsModel> {
  const changes = requireChanges(input);
  return Object.keys(changes).length === 0 ? settings.findSettings() : settings.update(changes);
}

/** What is null stays where null has no meaning of its own. */
function requireChanges(input: UpdateFileSettingsInput): SettingsChanges {
  const { disableForceDownloadForMimeTypes: types, anonymousTokens, maximumFileBytes, maximumBytesPerUser } = input;
  const limits = input.applicationLimits;
  return {
    ...(types ? { disableForceDownloadForMimeTypes: requireMimeTypes(types) } : {}),
    ...(typeof anonymousTokens === 'boolean' ? { anonymousTokens } : {}),
    ...(maximumFileBytes === undefined ? {} : { maximumFileBytes: requireLimit(maximumFileBytes, 'maximumFileBytes') }),
    ...(maximumBytesPerUser === undefined
      ? {}
      : { maximumBytesPerUser: requireLimit(maximumBytesPerUser, 'maximumBytesPerUser') }),
    ...(limits ? { applicationLimits: requireApplicationLimits(limits) } : {}),
  };
}

function requireMimeTypes(types: readonly string[]): string[] {
  const field = 'input.disableForceDownloadForMimeTypes';
  if (types.length > mostMimeTypes) throw invalidInput(field, `at most ${mostMimeTypes} are allowed.`);
  const checked = types.map((type, index) => {
    if (type === everyType) return type;
    if (type.includes(';')) throw invalidInput(`${field}.${index}`, 'must be a media type without parameters.');
    return requireMimeType(type, `${field}.${index}`);
  });
  return [...new Set(checked)];
}

function requireLimit(limit: number | null, name: string): number | null {
  if (limit !== null && limit < 1) throw invalidInput(`input.${name}`, 'must be at least 1.');
  return limit;
}

function requireApplicationLimits(limits: readonly ApplicationFileLimit[]): ApplicationFileLimit[] {
  const field = 'applicationLimits';
  if (limits.length > mostApplications) {
    throw invalidInput(`input.${field}`, `at most ${mostApplications} are allowed.`);
  }
  const seen = new Set<string>();
  return limits.map(({ maximumFileBytes = null, maximumBytes = null, ...given }, index) => {
    const at = `${field}.${index}`;
    const applicationId = requireId(given.applicationId, `input.${at}.applicationId`);
    if (seen.has(applicationId)) {
      throw invalidInput(`input.${at}.applicationId`, 'there are limits for this application already.');
    }
    seen.add(applicationId);
    return {
      applicationId,
      maximumFileBytes: requireLimit(maximumFileBytes, `${at}.maximumFileBytes`),
      maximumBytes: requireLimit(maximumBytes, `${at}.maximumBytes`),
    };
  });
}
